// Loaded into an example before it starts, to tell its test how many answers and readers the hub on `globalThis` has.
process.on('message', () => process.send?.(globalThis.keepstream?.hub.counts()))
process.channel?.unref()
