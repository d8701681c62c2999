import { StreamError } from '@keepstream/core'
import { checkCount, checkDuration, checkNames } from '../option'

export interface WebSocketOptions {
  /** Where the socket is opened, such as `/api/socket`. */
  readonly path: string
  /**
   * The origins of the pages that may open one, exactly as browsers send them, such as `https://chat.example`. A browser
   * sends its cookies along whichever page asks, so that there is no default. Who sends no `Origin` is no browser, and
   * is admitted.
   */
  readonly origins: readonly string[]
  /**
   * Whether a client whose handshake does not authenticate it may do so by its first message: a browser cannot send
   * headers. Default true. False: it is answered with 401 in place of the upgrade.
   */
  readonly tokens?: boolean
  /** How long that message may take, in milliseconds. Default 10,000. Beyond it: 4401. */
  readonly authTimeout?: number
  /** One message of a client, in bytes. Default 64 KiB. Beyond it: 1009. */
  readonly maxPayload?: number
  /** Exchanges on one socket: streams that are read, and requests that are being answered. Default 100. Beyond it: 429. */
  readonly streams?: number
  /** Sockets of this mount. Default 10,000. Beyond it: 503 in place of the upgrade. */
  readonly sockets?: number
}

export type Settings = Required<WebSocketOptions>

const defaults = {
  tokens: true,
  authTimeout: 10_000,
  maxPayload: 64 * 1024,
  streams: 100,
  sockets: 10_000,
}

/** The options with their defaults, checked. */
export function resolveWebSocketOptions(options: WebSocketOptions): Settings {
  checkNames('attachWebSocket', options, ['path', 'origins', ...Object.keys(defaults)])
  const settings = { ...defaults, ...options }
  const { path, origins, tokens } = settings
  if (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path)) {
    throw fault('path', 'no path', 'Begin with a slash and leave out host and query, as in "/api/socket"')
  }
  if (!Array.isArray(origins)) {
    throw fault('origins', 'no list', 'Give the origins of your pages, as in ["https://chat.example"], or [] for none')
  }
  for (const origin of origins) {
    // Custom schemes are those of applications that bring their own browser.
    if (typeof origin === 'string' && /^[a-z][a-z0-9+.-]*:\/\/[^/\s*A-Z]+$/.test(origin)) continue
    const remedy = 'Give scheme, host and port in lower case, without a path, as in "https://chat.example"'
    throw fault('origins', `no list of origins: it has ${JSON.stringify(origin)}`, remedy)
  }
  if (typeof tokens !== 'boolean') throw fault('tokens', 'no boolean', 'Give true or false')
  checkDuration('attachWebSocket.authTimeout', settings.authTimeout)
  for (const name of ['maxPayload', 'streams', 'sockets'] as const)
    checkCount(`attachWebSocket.${name}`, settings[name], 1)
  return settings
}

const fault = (name: string, what: string, remedy: string) =>
  new StreamError('option', `The option attachWebSocket.${name} is ${what}. ${remedy}.`)
