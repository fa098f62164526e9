export { commonValues } from './common-values';
export { CircularFrame } from './circular-frame';
export type { Gap } from './gaps';
export type { ReduceMode } from './reduce';
export { RowThinner } from './row-thinner';
export { toFrames, type FrameShape } from './to-frames';
export { seriesTitles } from './legend';
export { emptyFrame, seriesFrames, type ShapeOptions } from './shapes';
export type { Announced, AnnouncedLookup, SeriesView } from './union';
