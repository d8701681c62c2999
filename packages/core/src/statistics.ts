export { type StreamEvent, watchEvents } from './events'
export { type Inspected, type Inspection, inspect } from './inspect'
export { markPerformance } from './marks'
export { type Meter, measure, type Statistics } from './meter'
