export { type InspectedDataSource, MessageInspector } from './MessageInspector';
