/** Control packet types [MQTT-2.2.1]. */
export const PUBLISH = 3;
export const PUBACK = 4;
export const SUBSCRIBE = 8;
export const UNSUBSCRIBE = 10;

/** Close codes of WebSockets (RFC 6455, 7.4.1). */
export const CLOSE_NORMAL = 1000;
export const CLOSE_PROTOCOL_ERROR = 1002;
export const CLOSE_UNSUPPORTED_DATA = 1003;
export const CLOSE_TOO_BIG = 1009;
