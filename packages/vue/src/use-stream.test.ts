import { bindingContract } from '@keepstream/testing/contracts'
import { harness } from '../test/mount'

bindingContract(harness)
