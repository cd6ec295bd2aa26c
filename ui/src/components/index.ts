export { Button, IconButton } from './button';
export { Chart, type ChartLine } from './chart';
export { ask, Dialog } from './dialog';
export { Checkbox, checkedOf, Select, TextArea, TextField, valueOf } from './field';
export { Badge, Figure, Panel, Tabs, ViewHead } from './panel';
export { Empty, ErrorState, Loading, Show } from './state';
export { Table, type Column } from './table';
export { readTime, TimeRange, type TimeRangeValue } from './time_range';
export { tellDone, tellFailed } from './toast';
