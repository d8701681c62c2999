export interface Clocks {
  readonly connect: number
  readonly firstEvent: number
  readonly stall: number
  readonly liveness: number
  readonly total: number
}
