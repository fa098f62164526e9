export { CircularFrame } from './circular-frame';
export type { Reduction } from './reduce';
export { latestFrame, noticeFrame, seriesFrames, type SeriesView, type ShapeOptions } from './shapes';
