// For runtimes that answer requests: the body is the addresses, and the answer the report.
import { check } from './check.mjs'

export default {
  fetch: async (request) => Response.json(await check(await request.json())),
}
