import { chatContract } from '@keepstream/testing/contracts'
import { harnesses } from '../test/mount'

chatContract(harnesses.chat)
