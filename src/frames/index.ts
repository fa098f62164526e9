export { CircularFrame } from './circular-frame';
export { latestFrame, noticeFrame, seriesFrames, type SeriesView, type ShapeOptions } from './shapes';
