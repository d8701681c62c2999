// The wall clock of a process of the tests. It is to be imported before all else, which may keep `Date.now` for itself.
const RealDate = Date
let ahead = 0

/** Sets the wall clock forwards, or backwards, by so many milliseconds. */
export function jump(milliseconds: number): void {
  ahead += milliseconds
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: [number?]) =>
    args.length === 0 ? new target(target.now() + ahead) : Reflect.construct(target, args),
  get: (target, name) => (name === 'now' ? () => target.now() + ahead : Reflect.get(target, name)),
})
