// In place of mqtt.js's keepalive, whose timer the engine switches off: the engine pings by a clock of its own
// (keepalive.ts), which also notices a computer that was asleep.
class KeepaliveManager {
  reschedule() {}
  destroy() {}
}
module.exports = KeepaliveManager;
