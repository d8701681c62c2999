import { taskContract } from '@keepstream/testing/contracts'
import { dialects } from '../test/mount'

for (const { task } of dialects) taskContract(task)
