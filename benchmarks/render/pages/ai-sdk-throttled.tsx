import { offerChat } from './ai-sdk-chat'

offerChat(50)
