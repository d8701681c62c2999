import { topicContract } from '@keepstream/testing/contracts'
import { memoryLog } from './memory-log'
import { askedAfter, locate } from './position'

let time = 0
topicContract('memoryLog', {
  open: () => ({
    logs: [memoryLog({ now: () => time })],
    pass(milliseconds) {
      time += milliseconds
    },
    close: () => undefined,
  }),
  locate: (id, stream) => locate(askedAfter(id), stream),
})
