import { defaultsContract } from '@keepstream/testing/contracts'
import { harnesses } from '../test/mount'

defaultsContract(harnesses)
