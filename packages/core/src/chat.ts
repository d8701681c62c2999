export { type HeldChat, holdChat } from './chat-sharing'
export {
  type Chat,
  type ChatDraft,
  type ChatMessage,
  type ChatOptions,
  type ChatSettings,
  type ChatSnapshot,
  createChat,
} from './conversation'
export type { MessageStreamOptions } from './message-stream'
