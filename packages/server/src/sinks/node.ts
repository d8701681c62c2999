import type { ServerResponse } from 'node:http'
import type { Sink } from '../cursor-reader'

/** A connection of `node:http`, whose head was written. Bytes go to it as they are, without a stream between. */
export function nodeSink(response: ServerResponse): Sink {
  return {
    open({ resume, close }) {
      // The request never says 'close' once its body was read: the response does.
      response.on('close', close)
      response.on('drain', resume)
      // A connection that breaks says 'close' as well.
      response.on('error', () => undefined)
      if (response.destroyed) close()
      else resume()
    },
    write: (bytes) => response.write(bytes),
    end: () => response.end(),
    destroy: () => response.destroy(),
  }
}
