import { defaultsContract } from '@keepstream/testing/contracts'
import { dialects } from '../test/mount'

for (const harnesses of dialects) defaultsContract(harnesses)
