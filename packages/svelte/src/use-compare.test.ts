import { compareContract } from '@keepstream/testing/contracts'
import { dialects } from '../test/mount'

for (const { compare } of dialects) compareContract(compare)
