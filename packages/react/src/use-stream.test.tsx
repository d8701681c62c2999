import { keepstream, StreamError } from '@keepstream/core'
import { bindingContract } from '@keepstream/testing/contracts'
import { harness } from '../test/mount'

bindingContract(harness)
void keepstream
void StreamError
