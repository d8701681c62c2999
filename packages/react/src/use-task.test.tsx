import { taskContract } from '@keepstream/testing/contracts'
import { harnesses } from '../test/mount'

taskContract(harnesses.task)
