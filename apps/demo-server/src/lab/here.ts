import type { MiddlewareHandler } from 'hono'

const own = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/
// What tunnels and proxies add, whatever name they were asked by.
const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * Lets nobody break anything but the person at this machine: not who came through a tunnel, nor by a name that leads here,
 * nor a page of another site that is open beside this one.
 */
export const onlyHere: MiddlewareHandler = async ({ req, json }, next) => {
  const host = req.header('host') ?? ''
  const origin = req.header('origin')
  const foreign = !own.test(host) || forwarded.some((name) => req.header(name) !== undefined)
  const elsewhere = origin !== undefined && origin !== `http://${host}`
  if (!foreign && !elsewhere) return next()
  const message = 'The demo is broken on command only at 127.0.0.1, by its own pages.'
  return json({ error: { code: 'forbidden', message } }, 403)
}
