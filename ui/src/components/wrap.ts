import { kept } from '../preferences';

// Whether long lines are wrapped, in every list of lines.
export const wrapLines = kept<'on' | 'off'>('wrap', ['on', 'off'], 'on');
