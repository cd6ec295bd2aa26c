// Style sheets are imported for the bundler's sake and have no value.
declare module '*.css';
