import { clock, still } from 'demo-shared/compare/clock'
import { useSource } from '../parts/use-source'

/** The time of `performance.now()`, ten times a second while `ticking`. */
export const useClock = (ticking: boolean): number => useSource(ticking ? clock : still)
