// Cloudflare's workers share nothing between two requests. An object does, and so a hub lives in one.
import { createServer } from './server.mjs'

export class Streams {
  fetch = createServer()
}

export default {
  fetch: (request, { STREAMS }) => STREAMS.get(STREAMS.idFromName('all')).fetch(request),
}
