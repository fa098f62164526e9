// In place of the package.json of mqtt.js (4 kB), of which it reads its own version.
exports.version = '';
