// For runtimes with a command line. It ends by itself, or something was left open.
import { check } from './check.mjs'

const addresses = (globalThis.process ?? (await import('node:process')).default).argv.at(-1)
console.log(JSON.stringify(await check(JSON.parse(addresses))))
