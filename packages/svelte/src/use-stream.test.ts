import { bindingContract } from '@keepstream/testing/contracts'
import { harnesses } from '../test/mount'

for (const harness of harnesses) bindingContract(harness)
