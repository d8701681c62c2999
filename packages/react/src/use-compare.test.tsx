import { compareContract } from '@keepstream/testing/contracts'
import { harnesses } from '../test/mount'

compareContract(harnesses.compare)
