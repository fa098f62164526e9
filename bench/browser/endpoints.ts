/** Where a broker that was started for the bench is. */
export interface Endpoints {
  /** `ws://…` for the page. */
  readonly url: string;
  /** MQTT over TCP for the publisher. */
  readonly tcpPort: number;
}

/** What a sender is told to do. */
export interface SendOrder {
  /** Messages in all; without it, until told to stop. */
  readonly count?: number;
  /** Messages a second; without it, as fast as the other side takes them. */
  readonly rate?: number;
  /** Messages in one WebSocket frame, where the sender makes the frames. */
  readonly perFrame?: number;
}

/** A sender's answer, when it is done or was stopped. */
export interface Sent {
  readonly sent: number;
}
