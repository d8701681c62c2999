import { chatContract } from '@keepstream/testing/contracts'
import { dialects } from '../test/mount'

for (const { chat } of dialects) chatContract(chat)
