import type { IncomingMessage } from 'node:http'
import { longestDelay, startDeadline } from '../deadline'
import { httpError } from '../exchange'
import type { Hub } from '../hub'
import type { Principal } from '../hub-options'
import { admit } from '../routes/admission'
import { callerRequest } from './operation-exchange'

export interface CredentialOptions {
  readonly hub: Hub
  /** The path of the socket, which the hook is asked about. */
  readonly path: string
  /** The request that opened the socket. */
  readonly handshake: IncomingMessage
  /** Whom it authenticated. Absent: nobody, and a token has to within `timeout` milliseconds. */
  readonly principal: Principal | undefined
  readonly timeout: number
  /** A token was accepted: for so many milliseconds, where it has an end. */
  readonly onAccepted: (expires: number | undefined) => void
  readonly onRefused: (error: unknown) => void
  /** No token came in time. */
  readonly onLate: () => void
  /** It is good no longer. */
  readonly onExpired: () => void
}

/** Who speaks on a socket, and for how long. */
export interface Credential {
  /** Whether somebody was authenticated, or is about to be. */
  readonly given: boolean
  /** The token that was accepted last. */
  readonly token: string | undefined
  /** Resolves once every token that was given so far has been decided about. Absent: there was none. */
  readonly decided: Promise<void> | undefined
  /** Asks the hook. False: too many tokens wait for it. */
  readonly renew: (token: string) => boolean
  /** The socket is gone. */
  readonly forget: () => void
}

// Tokens that wait for the hook. A client renews one at a time.
const mostUndecided = 8

export function createCredential(options: CredentialOptions): Credential {
  const { hub, path, handshake, onAccepted, onRefused } = options
  let { principal } = options
  let token: string | undefined
  let decided: Promise<void> | undefined
  let undecided = 0
  let forgotten = false
  let callOff = principal ? startExpiry(principal) : startDeadline(options.timeout, options.onLate)

  function startExpiry({ expires = Number.POSITIVE_INFINITY }: Principal): () => void {
    return expires > longestDelay ? () => undefined : startDeadline(expires, options.onExpired)
  }

  async function decide(given: string): Promise<void> {
    if (forgotten) return
    const next = await admit(hub, { request: callerRequest({ handshake, token: given }) }, 'connect', path)
    if (forgotten) return
    // What is being read was asked for by somebody else.
    if (principal && (principal.tenant !== next.tenant || principal.user !== next.user))
      throw httpError(401, 'other_principal', 'The token is that of somebody else.')
    token = given
    principal = next
    callOff()
    callOff = startExpiry(next)
    onAccepted(next.expires)
  }

  return {
    get given() {
      return principal !== undefined || decided !== undefined
    },
    get token() {
      return token
    },
    get decided() {
      return decided
    },
    renew(given) {
      if (undecided >= mostUndecided) return false
      undecided++
      const before = decided ?? Promise.resolve()
      decided = before
        .then(() => decide(given))
        .catch(onRefused)
        .finally(() => undecided--)
      return true
    },
    forget() {
      forgotten = true
      callOff()
    },
  }
}
