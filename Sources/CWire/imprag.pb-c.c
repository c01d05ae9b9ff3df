/* Generated from: imprag.proto */

/* Do not generate deprecated warnings for self */
#ifndef PROTOBUF_C__NO_DEPRECATED
#define PROTOBUF_C__NO_DEPRECATED
#endif

#include "imprag.pb-c.h"
void   imprag__envelope__init
                     (Imprag__Envelope         *message)
{
  static const Imprag__Envelope init_value = IMPRAG__ENVELOPE__INIT;
  *message = init_value;
}
size_t imprag__envelope__get_packed_size
                     (const Imprag__Envelope *message)
{
  assert(message->base.descriptor == &imprag__envelope__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__envelope__pack
                     (const Imprag__Envelope *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__envelope__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__envelope__pack_to_buffer
                     (const Imprag__Envelope *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__envelope__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__Envelope *
       imprag__envelope__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__Envelope *)
     protobuf_c_message_unpack (&imprag__envelope__descriptor,
                                allocator, len, data);
}
void   imprag__envelope__free_unpacked
                     (Imprag__Envelope *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__envelope__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__tensor_description__init
                     (Imprag__TensorDescription         *message)
{
  static const Imprag__TensorDescription init_value = IMPRAG__TENSOR_DESCRIPTION__INIT;
  *message = init_value;
}
size_t imprag__tensor_description__get_packed_size
                     (const Imprag__TensorDescription *message)
{
  assert(message->base.descriptor == &imprag__tensor_description__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__tensor_description__pack
                     (const Imprag__TensorDescription *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__tensor_description__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__tensor_description__pack_to_buffer
                     (const Imprag__TensorDescription *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__tensor_description__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__TensorDescription *
       imprag__tensor_description__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__TensorDescription *)
     protobuf_c_message_unpack (&imprag__tensor_description__descriptor,
                                allocator, len, data);
}
void   imprag__tensor_description__free_unpacked
                     (Imprag__TensorDescription *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__tensor_description__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__failure__init
                     (Imprag__Failure         *message)
{
  static const Imprag__Failure init_value = IMPRAG__FAILURE__INIT;
  *message = init_value;
}
size_t imprag__failure__get_packed_size
                     (const Imprag__Failure *message)
{
  assert(message->base.descriptor == &imprag__failure__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__failure__pack
                     (const Imprag__Failure *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__failure__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__failure__pack_to_buffer
                     (const Imprag__Failure *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__failure__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__Failure *
       imprag__failure__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__Failure *)
     protobuf_c_message_unpack (&imprag__failure__descriptor,
                                allocator, len, data);
}
void   imprag__failure__free_unpacked
                     (Imprag__Failure *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__failure__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__cancel_request__init
                     (Imprag__CancelRequest         *message)
{
  static const Imprag__CancelRequest init_value = IMPRAG__CANCEL_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__cancel_request__get_packed_size
                     (const Imprag__CancelRequest *message)
{
  assert(message->base.descriptor == &imprag__cancel_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__cancel_request__pack
                     (const Imprag__CancelRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__cancel_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__cancel_request__pack_to_buffer
                     (const Imprag__CancelRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__cancel_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__CancelRequest *
       imprag__cancel_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__CancelRequest *)
     protobuf_c_message_unpack (&imprag__cancel_request__descriptor,
                                allocator, len, data);
}
void   imprag__cancel_request__free_unpacked
                     (Imprag__CancelRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__cancel_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__ping_request__init
                     (Imprag__PingRequest         *message)
{
  static const Imprag__PingRequest init_value = IMPRAG__PING_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__ping_request__get_packed_size
                     (const Imprag__PingRequest *message)
{
  assert(message->base.descriptor == &imprag__ping_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__ping_request__pack
                     (const Imprag__PingRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__ping_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__ping_request__pack_to_buffer
                     (const Imprag__PingRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__ping_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__PingRequest *
       imprag__ping_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__PingRequest *)
     protobuf_c_message_unpack (&imprag__ping_request__descriptor,
                                allocator, len, data);
}
void   imprag__ping_request__free_unpacked
                     (Imprag__PingRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__ping_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__ping_reply__init
                     (Imprag__PingReply         *message)
{
  static const Imprag__PingReply init_value = IMPRAG__PING_REPLY__INIT;
  *message = init_value;
}
size_t imprag__ping_reply__get_packed_size
                     (const Imprag__PingReply *message)
{
  assert(message->base.descriptor == &imprag__ping_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__ping_reply__pack
                     (const Imprag__PingReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__ping_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__ping_reply__pack_to_buffer
                     (const Imprag__PingReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__ping_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__PingReply *
       imprag__ping_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__PingReply *)
     protobuf_c_message_unpack (&imprag__ping_reply__descriptor,
                                allocator, len, data);
}
void   imprag__ping_reply__free_unpacked
                     (Imprag__PingReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__ping_reply__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__passage__init
                     (Imprag__Passage         *message)
{
  static const Imprag__Passage init_value = IMPRAG__PASSAGE__INIT;
  *message = init_value;
}
size_t imprag__passage__get_packed_size
                     (const Imprag__Passage *message)
{
  assert(message->base.descriptor == &imprag__passage__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__passage__pack
                     (const Imprag__Passage *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__passage__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__passage__pack_to_buffer
                     (const Imprag__Passage *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__passage__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__Passage *
       imprag__passage__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__Passage *)
     protobuf_c_message_unpack (&imprag__passage__descriptor,
                                allocator, len, data);
}
void   imprag__passage__free_unpacked
                     (Imprag__Passage *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__passage__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__scored_passage__init
                     (Imprag__ScoredPassage         *message)
{
  static const Imprag__ScoredPassage init_value = IMPRAG__SCORED_PASSAGE__INIT;
  *message = init_value;
}
size_t imprag__scored_passage__get_packed_size
                     (const Imprag__ScoredPassage *message)
{
  assert(message->base.descriptor == &imprag__scored_passage__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__scored_passage__pack
                     (const Imprag__ScoredPassage *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__scored_passage__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__scored_passage__pack_to_buffer
                     (const Imprag__ScoredPassage *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__scored_passage__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ScoredPassage *
       imprag__scored_passage__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ScoredPassage *)
     protobuf_c_message_unpack (&imprag__scored_passage__descriptor,
                                allocator, len, data);
}
void   imprag__scored_passage__free_unpacked
                     (Imprag__ScoredPassage *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__scored_passage__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__shard_outcome__init
                     (Imprag__ShardOutcome         *message)
{
  static const Imprag__ShardOutcome init_value = IMPRAG__SHARD_OUTCOME__INIT;
  *message = init_value;
}
size_t imprag__shard_outcome__get_packed_size
                     (const Imprag__ShardOutcome *message)
{
  assert(message->base.descriptor == &imprag__shard_outcome__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__shard_outcome__pack
                     (const Imprag__ShardOutcome *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__shard_outcome__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__shard_outcome__pack_to_buffer
                     (const Imprag__ShardOutcome *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__shard_outcome__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ShardOutcome *
       imprag__shard_outcome__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ShardOutcome *)
     protobuf_c_message_unpack (&imprag__shard_outcome__descriptor,
                                allocator, len, data);
}
void   imprag__shard_outcome__free_unpacked
                     (Imprag__ShardOutcome *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__shard_outcome__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__completeness__init
                     (Imprag__Completeness         *message)
{
  static const Imprag__Completeness init_value = IMPRAG__COMPLETENESS__INIT;
  *message = init_value;
}
size_t imprag__completeness__get_packed_size
                     (const Imprag__Completeness *message)
{
  assert(message->base.descriptor == &imprag__completeness__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__completeness__pack
                     (const Imprag__Completeness *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__completeness__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__completeness__pack_to_buffer
                     (const Imprag__Completeness *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__completeness__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__Completeness *
       imprag__completeness__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__Completeness *)
     protobuf_c_message_unpack (&imprag__completeness__descriptor,
                                allocator, len, data);
}
void   imprag__completeness__free_unpacked
                     (Imprag__Completeness *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__completeness__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__sampling__init
                     (Imprag__Sampling         *message)
{
  static const Imprag__Sampling init_value = IMPRAG__SAMPLING__INIT;
  *message = init_value;
}
size_t imprag__sampling__get_packed_size
                     (const Imprag__Sampling *message)
{
  assert(message->base.descriptor == &imprag__sampling__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__sampling__pack
                     (const Imprag__Sampling *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__sampling__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__sampling__pack_to_buffer
                     (const Imprag__Sampling *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__sampling__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__Sampling *
       imprag__sampling__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__Sampling *)
     protobuf_c_message_unpack (&imprag__sampling__descriptor,
                                allocator, len, data);
}
void   imprag__sampling__free_unpacked
                     (Imprag__Sampling *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__sampling__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__ask_request__init
                     (Imprag__AskRequest         *message)
{
  static const Imprag__AskRequest init_value = IMPRAG__ASK_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__ask_request__get_packed_size
                     (const Imprag__AskRequest *message)
{
  assert(message->base.descriptor == &imprag__ask_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__ask_request__pack
                     (const Imprag__AskRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__ask_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__ask_request__pack_to_buffer
                     (const Imprag__AskRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__ask_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__AskRequest *
       imprag__ask_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__AskRequest *)
     protobuf_c_message_unpack (&imprag__ask_request__descriptor,
                                allocator, len, data);
}
void   imprag__ask_request__free_unpacked
                     (Imprag__AskRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__ask_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__ask_sources__init
                     (Imprag__AskSources         *message)
{
  static const Imprag__AskSources init_value = IMPRAG__ASK_SOURCES__INIT;
  *message = init_value;
}
size_t imprag__ask_sources__get_packed_size
                     (const Imprag__AskSources *message)
{
  assert(message->base.descriptor == &imprag__ask_sources__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__ask_sources__pack
                     (const Imprag__AskSources *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__ask_sources__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__ask_sources__pack_to_buffer
                     (const Imprag__AskSources *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__ask_sources__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__AskSources *
       imprag__ask_sources__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__AskSources *)
     protobuf_c_message_unpack (&imprag__ask_sources__descriptor,
                                allocator, len, data);
}
void   imprag__ask_sources__free_unpacked
                     (Imprag__AskSources *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__ask_sources__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__token__init
                     (Imprag__Token         *message)
{
  static const Imprag__Token init_value = IMPRAG__TOKEN__INIT;
  *message = init_value;
}
size_t imprag__token__get_packed_size
                     (const Imprag__Token *message)
{
  assert(message->base.descriptor == &imprag__token__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__token__pack
                     (const Imprag__Token *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__token__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__token__pack_to_buffer
                     (const Imprag__Token *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__token__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__Token *
       imprag__token__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__Token *)
     protobuf_c_message_unpack (&imprag__token__descriptor,
                                allocator, len, data);
}
void   imprag__token__free_unpacked
                     (Imprag__Token *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__token__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__timings__init
                     (Imprag__Timings         *message)
{
  static const Imprag__Timings init_value = IMPRAG__TIMINGS__INIT;
  *message = init_value;
}
size_t imprag__timings__get_packed_size
                     (const Imprag__Timings *message)
{
  assert(message->base.descriptor == &imprag__timings__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__timings__pack
                     (const Imprag__Timings *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__timings__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__timings__pack_to_buffer
                     (const Imprag__Timings *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__timings__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__Timings *
       imprag__timings__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__Timings *)
     protobuf_c_message_unpack (&imprag__timings__descriptor,
                                allocator, len, data);
}
void   imprag__timings__free_unpacked
                     (Imprag__Timings *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__timings__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__ask_done__init
                     (Imprag__AskDone         *message)
{
  static const Imprag__AskDone init_value = IMPRAG__ASK_DONE__INIT;
  *message = init_value;
}
size_t imprag__ask_done__get_packed_size
                     (const Imprag__AskDone *message)
{
  assert(message->base.descriptor == &imprag__ask_done__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__ask_done__pack
                     (const Imprag__AskDone *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__ask_done__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__ask_done__pack_to_buffer
                     (const Imprag__AskDone *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__ask_done__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__AskDone *
       imprag__ask_done__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__AskDone *)
     protobuf_c_message_unpack (&imprag__ask_done__descriptor,
                                allocator, len, data);
}
void   imprag__ask_done__free_unpacked
                     (Imprag__AskDone *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__ask_done__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__search_request__init
                     (Imprag__SearchRequest         *message)
{
  static const Imprag__SearchRequest init_value = IMPRAG__SEARCH_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__search_request__get_packed_size
                     (const Imprag__SearchRequest *message)
{
  assert(message->base.descriptor == &imprag__search_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__search_request__pack
                     (const Imprag__SearchRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__search_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__search_request__pack_to_buffer
                     (const Imprag__SearchRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__search_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__SearchRequest *
       imprag__search_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__SearchRequest *)
     protobuf_c_message_unpack (&imprag__search_request__descriptor,
                                allocator, len, data);
}
void   imprag__search_request__free_unpacked
                     (Imprag__SearchRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__search_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__search_reply__init
                     (Imprag__SearchReply         *message)
{
  static const Imprag__SearchReply init_value = IMPRAG__SEARCH_REPLY__INIT;
  *message = init_value;
}
size_t imprag__search_reply__get_packed_size
                     (const Imprag__SearchReply *message)
{
  assert(message->base.descriptor == &imprag__search_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__search_reply__pack
                     (const Imprag__SearchReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__search_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__search_reply__pack_to_buffer
                     (const Imprag__SearchReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__search_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__SearchReply *
       imprag__search_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__SearchReply *)
     protobuf_c_message_unpack (&imprag__search_reply__descriptor,
                                allocator, len, data);
}
void   imprag__search_reply__free_unpacked
                     (Imprag__SearchReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__search_reply__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__status_request__init
                     (Imprag__StatusRequest         *message)
{
  static const Imprag__StatusRequest init_value = IMPRAG__STATUS_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__status_request__get_packed_size
                     (const Imprag__StatusRequest *message)
{
  assert(message->base.descriptor == &imprag__status_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__status_request__pack
                     (const Imprag__StatusRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__status_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__status_request__pack_to_buffer
                     (const Imprag__StatusRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__status_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__StatusRequest *
       imprag__status_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__StatusRequest *)
     protobuf_c_message_unpack (&imprag__status_request__descriptor,
                                allocator, len, data);
}
void   imprag__status_request__free_unpacked
                     (Imprag__StatusRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__status_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__node_status__init
                     (Imprag__NodeStatus         *message)
{
  static const Imprag__NodeStatus init_value = IMPRAG__NODE_STATUS__INIT;
  *message = init_value;
}
size_t imprag__node_status__get_packed_size
                     (const Imprag__NodeStatus *message)
{
  assert(message->base.descriptor == &imprag__node_status__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__node_status__pack
                     (const Imprag__NodeStatus *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__node_status__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__node_status__pack_to_buffer
                     (const Imprag__NodeStatus *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__node_status__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__NodeStatus *
       imprag__node_status__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__NodeStatus *)
     protobuf_c_message_unpack (&imprag__node_status__descriptor,
                                allocator, len, data);
}
void   imprag__node_status__free_unpacked
                     (Imprag__NodeStatus *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__node_status__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__status_reply__init
                     (Imprag__StatusReply         *message)
{
  static const Imprag__StatusReply init_value = IMPRAG__STATUS_REPLY__INIT;
  *message = init_value;
}
size_t imprag__status_reply__get_packed_size
                     (const Imprag__StatusReply *message)
{
  assert(message->base.descriptor == &imprag__status_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__status_reply__pack
                     (const Imprag__StatusReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__status_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__status_reply__pack_to_buffer
                     (const Imprag__StatusReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__status_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__StatusReply *
       imprag__status_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__StatusReply *)
     protobuf_c_message_unpack (&imprag__status_reply__descriptor,
                                allocator, len, data);
}
void   imprag__status_reply__free_unpacked
                     (Imprag__StatusReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__status_reply__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__shard_search_request__init
                     (Imprag__ShardSearchRequest         *message)
{
  static const Imprag__ShardSearchRequest init_value = IMPRAG__SHARD_SEARCH_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__shard_search_request__get_packed_size
                     (const Imprag__ShardSearchRequest *message)
{
  assert(message->base.descriptor == &imprag__shard_search_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__shard_search_request__pack
                     (const Imprag__ShardSearchRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__shard_search_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__shard_search_request__pack_to_buffer
                     (const Imprag__ShardSearchRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__shard_search_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ShardSearchRequest *
       imprag__shard_search_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ShardSearchRequest *)
     protobuf_c_message_unpack (&imprag__shard_search_request__descriptor,
                                allocator, len, data);
}
void   imprag__shard_search_request__free_unpacked
                     (Imprag__ShardSearchRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__shard_search_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__query_hits__init
                     (Imprag__QueryHits         *message)
{
  static const Imprag__QueryHits init_value = IMPRAG__QUERY_HITS__INIT;
  *message = init_value;
}
size_t imprag__query_hits__get_packed_size
                     (const Imprag__QueryHits *message)
{
  assert(message->base.descriptor == &imprag__query_hits__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__query_hits__pack
                     (const Imprag__QueryHits *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__query_hits__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__query_hits__pack_to_buffer
                     (const Imprag__QueryHits *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__query_hits__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__QueryHits *
       imprag__query_hits__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__QueryHits *)
     protobuf_c_message_unpack (&imprag__query_hits__descriptor,
                                allocator, len, data);
}
void   imprag__query_hits__free_unpacked
                     (Imprag__QueryHits *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__query_hits__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__shard_search_reply__init
                     (Imprag__ShardSearchReply         *message)
{
  static const Imprag__ShardSearchReply init_value = IMPRAG__SHARD_SEARCH_REPLY__INIT;
  *message = init_value;
}
size_t imprag__shard_search_reply__get_packed_size
                     (const Imprag__ShardSearchReply *message)
{
  assert(message->base.descriptor == &imprag__shard_search_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__shard_search_reply__pack
                     (const Imprag__ShardSearchReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__shard_search_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__shard_search_reply__pack_to_buffer
                     (const Imprag__ShardSearchReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__shard_search_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ShardSearchReply *
       imprag__shard_search_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ShardSearchReply *)
     protobuf_c_message_unpack (&imprag__shard_search_reply__descriptor,
                                allocator, len, data);
}
void   imprag__shard_search_reply__free_unpacked
                     (Imprag__ShardSearchReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__shard_search_reply__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__generate_request__init
                     (Imprag__GenerateRequest         *message)
{
  static const Imprag__GenerateRequest init_value = IMPRAG__GENERATE_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__generate_request__get_packed_size
                     (const Imprag__GenerateRequest *message)
{
  assert(message->base.descriptor == &imprag__generate_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__generate_request__pack
                     (const Imprag__GenerateRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__generate_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__generate_request__pack_to_buffer
                     (const Imprag__GenerateRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__generate_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__GenerateRequest *
       imprag__generate_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__GenerateRequest *)
     protobuf_c_message_unpack (&imprag__generate_request__descriptor,
                                allocator, len, data);
}
void   imprag__generate_request__free_unpacked
                     (Imprag__GenerateRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__generate_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__generate_done__init
                     (Imprag__GenerateDone         *message)
{
  static const Imprag__GenerateDone init_value = IMPRAG__GENERATE_DONE__INIT;
  *message = init_value;
}
size_t imprag__generate_done__get_packed_size
                     (const Imprag__GenerateDone *message)
{
  assert(message->base.descriptor == &imprag__generate_done__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__generate_done__pack
                     (const Imprag__GenerateDone *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__generate_done__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__generate_done__pack_to_buffer
                     (const Imprag__GenerateDone *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__generate_done__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__GenerateDone *
       imprag__generate_done__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__GenerateDone *)
     protobuf_c_message_unpack (&imprag__generate_done__descriptor,
                                allocator, len, data);
}
void   imprag__generate_done__free_unpacked
                     (Imprag__GenerateDone *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__generate_done__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
static const ProtobufCFieldDescriptor imprag__envelope__field_descriptors[23] =
{
  {
    "protocol_version",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__Envelope, protocol_version),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "request_id",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__Envelope, request_id),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "deadline_ms",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__Envelope, deadline_ms),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "fingerprint",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Envelope, fingerprint),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "tensors",
    5,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, n_tensors),
    offsetof(Imprag__Envelope, tensors),
    &imprag__tensor_description__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "node",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Envelope, node),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "more",
    7,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__Envelope, more),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "ask",
    16,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, ask),
    &imprag__ask_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "search",
    17,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, search),
    &imprag__search_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "status",
    18,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, status),
    &imprag__status_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "cancel",
    19,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, cancel),
    &imprag__cancel_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "ping",
    20,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, ping),
    &imprag__ping_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "shard_search",
    21,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, shard_search),
    &imprag__shard_search_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "generate",
    22,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, generate),
    &imprag__generate_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "failure",
    32,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, failure),
    &imprag__failure__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "ask_sources",
    33,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, ask_sources),
    &imprag__ask_sources__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "token",
    34,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, token),
    &imprag__token__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "ask_done",
    35,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, ask_done),
    &imprag__ask_done__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "search_reply",
    36,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, search_reply),
    &imprag__search_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "status_reply",
    37,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, status_reply),
    &imprag__status_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "ping_reply",
    38,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, ping_reply),
    &imprag__ping_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "shard_search_reply",
    39,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, shard_search_reply),
    &imprag__shard_search_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "generate_done",
    40,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, generate_done),
    &imprag__generate_done__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__envelope__field_indices_by_name[] = {
  7,   /* field[7] = ask */
  17,   /* field[17] = ask_done */
  15,   /* field[15] = ask_sources */
  10,   /* field[10] = cancel */
  2,   /* field[2] = deadline_ms */
  14,   /* field[14] = failure */
  3,   /* field[3] = fingerprint */
  13,   /* field[13] = generate */
  22,   /* field[22] = generate_done */
  6,   /* field[6] = more */
  5,   /* field[5] = node */
  11,   /* field[11] = ping */
  20,   /* field[20] = ping_reply */
  0,   /* field[0] = protocol_version */
  1,   /* field[1] = request_id */
  8,   /* field[8] = search */
  18,   /* field[18] = search_reply */
  12,   /* field[12] = shard_search */
  21,   /* field[21] = shard_search_reply */
  9,   /* field[9] = status */
  19,   /* field[19] = status_reply */
  4,   /* field[4] = tensors */
  16,   /* field[16] = token */
};
static const ProtobufCIntRange imprag__envelope__number_ranges[3 + 1] =
{
  { 1, 0 },
  { 16, 7 },
  { 32, 14 },
  { 0, 23 }
};
const ProtobufCMessageDescriptor imprag__envelope__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Envelope",
  "Envelope",
  "Imprag__Envelope",
  "imprag",
  sizeof(Imprag__Envelope),
  23,
  imprag__envelope__field_descriptors,
  imprag__envelope__field_indices_by_name,
  3,  imprag__envelope__number_ranges,
  (ProtobufCMessageInit) imprag__envelope__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__tensor_description__field_descriptors[2] =
{
  {
    "data_type",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__TensorDescription, data_type),
    &imprag__data_type__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "shape",
    2,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_UINT64,
    offsetof(Imprag__TensorDescription, n_shape),
    offsetof(Imprag__TensorDescription, shape),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__tensor_description__field_indices_by_name[] = {
  0,   /* field[0] = data_type */
  1,   /* field[1] = shape */
};
static const ProtobufCIntRange imprag__tensor_description__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__tensor_description__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.TensorDescription",
  "TensorDescription",
  "Imprag__TensorDescription",
  "imprag",
  sizeof(Imprag__TensorDescription),
  2,
  imprag__tensor_description__field_descriptors,
  imprag__tensor_description__field_indices_by_name,
  1,  imprag__tensor_description__number_ranges,
  (ProtobufCMessageInit) imprag__tensor_description__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__failure__field_descriptors[3] =
{
  {
    "code",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__Failure, code),
    &imprag__error_code__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "message",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Failure, message),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "node",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Failure, node),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__failure__field_indices_by_name[] = {
  0,   /* field[0] = code */
  1,   /* field[1] = message */
  2,   /* field[2] = node */
};
static const ProtobufCIntRange imprag__failure__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__failure__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Failure",
  "Failure",
  "Imprag__Failure",
  "imprag",
  sizeof(Imprag__Failure),
  3,
  imprag__failure__field_descriptors,
  imprag__failure__field_indices_by_name,
  1,  imprag__failure__number_ranges,
  (ProtobufCMessageInit) imprag__failure__init,
  NULL,NULL,NULL    /* reserved[123] */
};
#define imprag__cancel_request__field_descriptors NULL
#define imprag__cancel_request__field_indices_by_name NULL
#define imprag__cancel_request__number_ranges NULL
const ProtobufCMessageDescriptor imprag__cancel_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.CancelRequest",
  "CancelRequest",
  "Imprag__CancelRequest",
  "imprag",
  sizeof(Imprag__CancelRequest),
  0,
  imprag__cancel_request__field_descriptors,
  imprag__cancel_request__field_indices_by_name,
  0,  imprag__cancel_request__number_ranges,
  (ProtobufCMessageInit) imprag__cancel_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
#define imprag__ping_request__field_descriptors NULL
#define imprag__ping_request__field_indices_by_name NULL
#define imprag__ping_request__number_ranges NULL
const ProtobufCMessageDescriptor imprag__ping_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.PingRequest",
  "PingRequest",
  "Imprag__PingRequest",
  "imprag",
  sizeof(Imprag__PingRequest),
  0,
  imprag__ping_request__field_descriptors,
  imprag__ping_request__field_indices_by_name,
  0,  imprag__ping_request__number_ranges,
  (ProtobufCMessageInit) imprag__ping_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
#define imprag__ping_reply__field_descriptors NULL
#define imprag__ping_reply__field_indices_by_name NULL
#define imprag__ping_reply__number_ranges NULL
const ProtobufCMessageDescriptor imprag__ping_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.PingReply",
  "PingReply",
  "Imprag__PingReply",
  "imprag",
  sizeof(Imprag__PingReply),
  0,
  imprag__ping_reply__field_descriptors,
  imprag__ping_reply__field_indices_by_name,
  0,  imprag__ping_reply__number_ranges,
  (ProtobufCMessageInit) imprag__ping_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__passage__field_descriptors[3] =
{
  {
    "id",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Passage, id),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "title",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Passage, title),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "text",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Passage, text),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__passage__field_indices_by_name[] = {
  0,   /* field[0] = id */
  2,   /* field[2] = text */
  1,   /* field[1] = title */
};
static const ProtobufCIntRange imprag__passage__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__passage__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Passage",
  "Passage",
  "Imprag__Passage",
  "imprag",
  sizeof(Imprag__Passage),
  3,
  imprag__passage__field_descriptors,
  imprag__passage__field_indices_by_name,
  1,  imprag__passage__number_ranges,
  (ProtobufCMessageInit) imprag__passage__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__scored_passage__field_descriptors[3] =
{
  {
    "passage",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__ScoredPassage, passage),
    &imprag__passage__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "score",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_FLOAT,
    0,   /* quantifier_offset */
    offsetof(Imprag__ScoredPassage, score),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "rank",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__ScoredPassage, rank),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__scored_passage__field_indices_by_name[] = {
  0,   /* field[0] = passage */
  2,   /* field[2] = rank */
  1,   /* field[1] = score */
};
static const ProtobufCIntRange imprag__scored_passage__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__scored_passage__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ScoredPassage",
  "ScoredPassage",
  "Imprag__ScoredPassage",
  "imprag",
  sizeof(Imprag__ScoredPassage),
  3,
  imprag__scored_passage__field_descriptors,
  imprag__scored_passage__field_indices_by_name,
  1,  imprag__scored_passage__number_ranges,
  (ProtobufCMessageInit) imprag__scored_passage__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__shard_outcome__field_descriptors[4] =
{
  {
    "name",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardOutcome, name),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "state",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardOutcome, state),
    &imprag__shard_state__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "message",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardOutcome, message),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passages_searched",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardOutcome, passages_searched),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__shard_outcome__field_indices_by_name[] = {
  2,   /* field[2] = message */
  0,   /* field[0] = name */
  3,   /* field[3] = passages_searched */
  1,   /* field[1] = state */
};
static const ProtobufCIntRange imprag__shard_outcome__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 4 }
};
const ProtobufCMessageDescriptor imprag__shard_outcome__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ShardOutcome",
  "ShardOutcome",
  "Imprag__ShardOutcome",
  "imprag",
  sizeof(Imprag__ShardOutcome),
  4,
  imprag__shard_outcome__field_descriptors,
  imprag__shard_outcome__field_indices_by_name,
  1,  imprag__shard_outcome__number_ranges,
  (ProtobufCMessageInit) imprag__shard_outcome__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__completeness__field_descriptors[4] =
{
  {
    "shards",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Completeness, n_shards),
    offsetof(Imprag__Completeness, shards),
    &imprag__shard_outcome__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passages_searched",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__Completeness, passages_searched),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passages_total",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__Completeness, passages_total),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "complete",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__Completeness, complete),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__completeness__field_indices_by_name[] = {
  3,   /* field[3] = complete */
  1,   /* field[1] = passages_searched */
  2,   /* field[2] = passages_total */
  0,   /* field[0] = shards */
};
static const ProtobufCIntRange imprag__completeness__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 4 }
};
const ProtobufCMessageDescriptor imprag__completeness__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Completeness",
  "Completeness",
  "Imprag__Completeness",
  "imprag",
  sizeof(Imprag__Completeness),
  4,
  imprag__completeness__field_descriptors,
  imprag__completeness__field_indices_by_name,
  1,  imprag__completeness__number_ranges,
  (ProtobufCMessageInit) imprag__completeness__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__sampling__field_descriptors[6] =
{
  {
    "temperature",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    0,   /* quantifier_offset */
    offsetof(Imprag__Sampling, temperature),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "top_p",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__Sampling, top_p_presence_case),
    offsetof(Imprag__Sampling, top_p),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "top_k",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__Sampling, top_k),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "seed",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    offsetof(Imprag__Sampling, seed_presence_case),
    offsetof(Imprag__Sampling, seed),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "stop",
    5,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__Sampling, n_stop),
    offsetof(Imprag__Sampling, stop),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "max_tokens",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__Sampling, max_tokens_presence_case),
    offsetof(Imprag__Sampling, max_tokens),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__sampling__field_indices_by_name[] = {
  5,   /* field[5] = max_tokens */
  3,   /* field[3] = seed */
  4,   /* field[4] = stop */
  0,   /* field[0] = temperature */
  2,   /* field[2] = top_k */
  1,   /* field[1] = top_p */
};
static const ProtobufCIntRange imprag__sampling__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 6 }
};
const ProtobufCMessageDescriptor imprag__sampling__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Sampling",
  "Sampling",
  "Imprag__Sampling",
  "imprag",
  sizeof(Imprag__Sampling),
  6,
  imprag__sampling__field_descriptors,
  imprag__sampling__field_indices_by_name,
  1,  imprag__sampling__number_ranges,
  (ProtobufCMessageInit) imprag__sampling__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__ask_request__field_descriptors[6] =
{
  {
    "prompt",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRequest, prompt),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "k",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__AskRequest, k_presence_case),
    offsetof(Imprag__AskRequest, k),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "encoding",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRequest, encoding),
    &imprag__passage_encoding__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "sampling",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRequest, sampling),
    &imprag__sampling__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "completeness",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRequest, completeness),
    &imprag__completeness_policy__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "omit_passage_text",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRequest, omit_passage_text),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__ask_request__field_indices_by_name[] = {
  4,   /* field[4] = completeness */
  2,   /* field[2] = encoding */
  1,   /* field[1] = k */
  5,   /* field[5] = omit_passage_text */
  0,   /* field[0] = prompt */
  3,   /* field[3] = sampling */
};
static const ProtobufCIntRange imprag__ask_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 6 }
};
const ProtobufCMessageDescriptor imprag__ask_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.AskRequest",
  "AskRequest",
  "Imprag__AskRequest",
  "imprag",
  sizeof(Imprag__AskRequest),
  6,
  imprag__ask_request__field_descriptors,
  imprag__ask_request__field_indices_by_name,
  1,  imprag__ask_request__number_ranges,
  (ProtobufCMessageInit) imprag__ask_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__ask_sources__field_descriptors[2] =
{
  {
    "passages",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__AskSources, n_passages),
    offsetof(Imprag__AskSources, passages),
    &imprag__scored_passage__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "completeness",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskSources, completeness),
    &imprag__completeness__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__ask_sources__field_indices_by_name[] = {
  1,   /* field[1] = completeness */
  0,   /* field[0] = passages */
};
static const ProtobufCIntRange imprag__ask_sources__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__ask_sources__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.AskSources",
  "AskSources",
  "Imprag__AskSources",
  "imprag",
  sizeof(Imprag__AskSources),
  2,
  imprag__ask_sources__field_descriptors,
  imprag__ask_sources__field_indices_by_name,
  1,  imprag__ask_sources__number_ranges,
  (ProtobufCMessageInit) imprag__ask_sources__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__token__field_descriptors[3] =
{
  {
    "text",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Token, text),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "token",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_INT32,
    offsetof(Imprag__Token, token_presence_case),
    offsetof(Imprag__Token, token),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "logprob",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_FLOAT,
    0,   /* quantifier_offset */
    offsetof(Imprag__Token, logprob),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__token__field_indices_by_name[] = {
  2,   /* field[2] = logprob */
  0,   /* field[0] = text */
  1,   /* field[1] = token */
};
static const ProtobufCIntRange imprag__token__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__token__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Token",
  "Token",
  "Imprag__Token",
  "imprag",
  sizeof(Imprag__Token),
  3,
  imprag__token__field_descriptors,
  imprag__token__field_indices_by_name,
  1,  imprag__token__number_ranges,
  (ProtobufCMessageInit) imprag__token__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__timings__field_descriptors[6] =
{
  {
    "queue_us",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__Timings, queue_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "prompt_us",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__Timings, prompt_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "search_us",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__Timings, search_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "read_us",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__Timings, read_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "first_token_us",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__Timings, first_token_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "total_us",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__Timings, total_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__timings__field_indices_by_name[] = {
  4,   /* field[4] = first_token_us */
  1,   /* field[1] = prompt_us */
  0,   /* field[0] = queue_us */
  3,   /* field[3] = read_us */
  2,   /* field[2] = search_us */
  5,   /* field[5] = total_us */
};
static const ProtobufCIntRange imprag__timings__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 6 }
};
const ProtobufCMessageDescriptor imprag__timings__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Timings",
  "Timings",
  "Imprag__Timings",
  "imprag",
  sizeof(Imprag__Timings),
  6,
  imprag__timings__field_descriptors,
  imprag__timings__field_indices_by_name,
  1,  imprag__timings__number_ranges,
  (ProtobufCMessageInit) imprag__timings__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__ask_done__field_descriptors[6] =
{
  {
    "finish",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, finish),
    &imprag__finish_reason__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passage_attention",
    2,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_FLOAT,
    offsetof(Imprag__AskDone, n_passage_attention),
    offsetof(Imprag__AskDone, passage_attention),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "prompt_tokens",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, prompt_tokens),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "generated_tokens",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, generated_tokens),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "timings",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, timings),
    &imprag__timings__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "completeness",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, completeness),
    &imprag__completeness__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__ask_done__field_indices_by_name[] = {
  5,   /* field[5] = completeness */
  0,   /* field[0] = finish */
  3,   /* field[3] = generated_tokens */
  1,   /* field[1] = passage_attention */
  2,   /* field[2] = prompt_tokens */
  4,   /* field[4] = timings */
};
static const ProtobufCIntRange imprag__ask_done__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 6 }
};
const ProtobufCMessageDescriptor imprag__ask_done__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.AskDone",
  "AskDone",
  "Imprag__AskDone",
  "imprag",
  sizeof(Imprag__AskDone),
  6,
  imprag__ask_done__field_descriptors,
  imprag__ask_done__field_indices_by_name,
  1,  imprag__ask_done__number_ranges,
  (ProtobufCMessageInit) imprag__ask_done__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__search_request__field_descriptors[3] =
{
  {
    "prompt",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchRequest, prompt),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "k",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__SearchRequest, k_presence_case),
    offsetof(Imprag__SearchRequest, k),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "completeness",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchRequest, completeness),
    &imprag__completeness_policy__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__search_request__field_indices_by_name[] = {
  2,   /* field[2] = completeness */
  1,   /* field[1] = k */
  0,   /* field[0] = prompt */
};
static const ProtobufCIntRange imprag__search_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__search_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.SearchRequest",
  "SearchRequest",
  "Imprag__SearchRequest",
  "imprag",
  sizeof(Imprag__SearchRequest),
  3,
  imprag__search_request__field_descriptors,
  imprag__search_request__field_indices_by_name,
  1,  imprag__search_request__number_ranges,
  (ProtobufCMessageInit) imprag__search_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__search_reply__field_descriptors[3] =
{
  {
    "passages",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__SearchReply, n_passages),
    offsetof(Imprag__SearchReply, passages),
    &imprag__scored_passage__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "completeness",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchReply, completeness),
    &imprag__completeness__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "timings",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchReply, timings),
    &imprag__timings__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__search_reply__field_indices_by_name[] = {
  1,   /* field[1] = completeness */
  0,   /* field[0] = passages */
  2,   /* field[2] = timings */
};
static const ProtobufCIntRange imprag__search_reply__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__search_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.SearchReply",
  "SearchReply",
  "Imprag__SearchReply",
  "imprag",
  sizeof(Imprag__SearchReply),
  3,
  imprag__search_reply__field_descriptors,
  imprag__search_reply__field_indices_by_name,
  1,  imprag__search_reply__number_ranges,
  (ProtobufCMessageInit) imprag__search_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
#define imprag__status_request__field_descriptors NULL
#define imprag__status_request__field_indices_by_name NULL
#define imprag__status_request__number_ranges NULL
const ProtobufCMessageDescriptor imprag__status_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.StatusRequest",
  "StatusRequest",
  "Imprag__StatusRequest",
  "imprag",
  sizeof(Imprag__StatusRequest),
  0,
  imprag__status_request__field_descriptors,
  imprag__status_request__field_indices_by_name,
  0,  imprag__status_request__number_ranges,
  (ProtobufCMessageInit) imprag__status_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__node_status__field_descriptors[11] =
{
  {
    "name",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, name),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "role",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, role),
    &imprag__node_role__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "state",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, state),
    &imprag__node_state__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passages",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, passages),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "memory_bytes",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, memory_bytes),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "requests",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, requests),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "failures",
    7,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, failures),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "p50_us",
    8,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, p50_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "p99_us",
    9,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, p99_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "fingerprint",
    10,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, fingerprint),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "detail",
    11,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, detail),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__node_status__field_indices_by_name[] = {
  10,   /* field[10] = detail */
  6,   /* field[6] = failures */
  9,   /* field[9] = fingerprint */
  4,   /* field[4] = memory_bytes */
  0,   /* field[0] = name */
  7,   /* field[7] = p50_us */
  8,   /* field[8] = p99_us */
  3,   /* field[3] = passages */
  5,   /* field[5] = requests */
  1,   /* field[1] = role */
  2,   /* field[2] = state */
};
static const ProtobufCIntRange imprag__node_status__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 11 }
};
const ProtobufCMessageDescriptor imprag__node_status__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.NodeStatus",
  "NodeStatus",
  "Imprag__NodeStatus",
  "imprag",
  sizeof(Imprag__NodeStatus),
  11,
  imprag__node_status__field_descriptors,
  imprag__node_status__field_indices_by_name,
  1,  imprag__node_status__number_ranges,
  (ProtobufCMessageInit) imprag__node_status__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__status_reply__field_descriptors[1] =
{
  {
    "nodes",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__StatusReply, n_nodes),
    offsetof(Imprag__StatusReply, nodes),
    &imprag__node_status__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__status_reply__field_indices_by_name[] = {
  0,   /* field[0] = nodes */
};
static const ProtobufCIntRange imprag__status_reply__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 1 }
};
const ProtobufCMessageDescriptor imprag__status_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.StatusReply",
  "StatusReply",
  "Imprag__StatusReply",
  "imprag",
  sizeof(Imprag__StatusReply),
  1,
  imprag__status_reply__field_descriptors,
  imprag__status_reply__field_indices_by_name,
  1,  imprag__status_reply__number_ranges,
  (ProtobufCMessageInit) imprag__status_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__shard_search_request__field_descriptors[1] =
{
  {
    "k",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardSearchRequest, k),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__shard_search_request__field_indices_by_name[] = {
  0,   /* field[0] = k */
};
static const ProtobufCIntRange imprag__shard_search_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 1 }
};
const ProtobufCMessageDescriptor imprag__shard_search_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ShardSearchRequest",
  "ShardSearchRequest",
  "Imprag__ShardSearchRequest",
  "imprag",
  sizeof(Imprag__ShardSearchRequest),
  1,
  imprag__shard_search_request__field_descriptors,
  imprag__shard_search_request__field_indices_by_name,
  1,  imprag__shard_search_request__number_ranges,
  (ProtobufCMessageInit) imprag__shard_search_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__query_hits__field_descriptors[1] =
{
  {
    "passages",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__QueryHits, n_passages),
    offsetof(Imprag__QueryHits, passages),
    &imprag__scored_passage__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__query_hits__field_indices_by_name[] = {
  0,   /* field[0] = passages */
};
static const ProtobufCIntRange imprag__query_hits__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 1 }
};
const ProtobufCMessageDescriptor imprag__query_hits__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.QueryHits",
  "QueryHits",
  "Imprag__QueryHits",
  "imprag",
  sizeof(Imprag__QueryHits),
  1,
  imprag__query_hits__field_descriptors,
  imprag__query_hits__field_indices_by_name,
  1,  imprag__query_hits__number_ranges,
  (ProtobufCMessageInit) imprag__query_hits__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__shard_search_reply__field_descriptors[2] =
{
  {
    "queries",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__ShardSearchReply, n_queries),
    offsetof(Imprag__ShardSearchReply, queries),
    &imprag__query_hits__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passages_searched",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardSearchReply, passages_searched),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__shard_search_reply__field_indices_by_name[] = {
  1,   /* field[1] = passages_searched */
  0,   /* field[0] = queries */
};
static const ProtobufCIntRange imprag__shard_search_reply__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__shard_search_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ShardSearchReply",
  "ShardSearchReply",
  "Imprag__ShardSearchReply",
  "imprag",
  sizeof(Imprag__ShardSearchReply),
  2,
  imprag__shard_search_reply__field_descriptors,
  imprag__shard_search_reply__field_indices_by_name,
  1,  imprag__shard_search_reply__number_ranges,
  (ProtobufCMessageInit) imprag__shard_search_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__generate_request__field_descriptors[5] =
{
  {
    "prompt_tokens",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_INT32,
    offsetof(Imprag__GenerateRequest, n_prompt_tokens),
    offsetof(Imprag__GenerateRequest, prompt_tokens),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "k",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateRequest, k),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passages",
    3,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__GenerateRequest, n_passages),
    offsetof(Imprag__GenerateRequest, passages),
    &imprag__passage__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "encoding",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateRequest, encoding),
    &imprag__passage_encoding__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "sampling",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateRequest, sampling),
    &imprag__sampling__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__generate_request__field_indices_by_name[] = {
  3,   /* field[3] = encoding */
  1,   /* field[1] = k */
  2,   /* field[2] = passages */
  0,   /* field[0] = prompt_tokens */
  4,   /* field[4] = sampling */
};
static const ProtobufCIntRange imprag__generate_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__generate_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.GenerateRequest",
  "GenerateRequest",
  "Imprag__GenerateRequest",
  "imprag",
  sizeof(Imprag__GenerateRequest),
  5,
  imprag__generate_request__field_descriptors,
  imprag__generate_request__field_indices_by_name,
  1,  imprag__generate_request__number_ranges,
  (ProtobufCMessageInit) imprag__generate_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__generate_done__field_descriptors[4] =
{
  {
    "finish",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateDone, finish),
    &imprag__finish_reason__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passage_attention",
    2,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_FLOAT,
    offsetof(Imprag__GenerateDone, n_passage_attention),
    offsetof(Imprag__GenerateDone, passage_attention),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "generated_tokens",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateDone, generated_tokens),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "timings",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateDone, timings),
    &imprag__timings__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__generate_done__field_indices_by_name[] = {
  0,   /* field[0] = finish */
  2,   /* field[2] = generated_tokens */
  1,   /* field[1] = passage_attention */
  3,   /* field[3] = timings */
};
static const ProtobufCIntRange imprag__generate_done__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 4 }
};
const ProtobufCMessageDescriptor imprag__generate_done__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.GenerateDone",
  "GenerateDone",
  "Imprag__GenerateDone",
  "imprag",
  sizeof(Imprag__GenerateDone),
  4,
  imprag__generate_done__field_descriptors,
  imprag__generate_done__field_indices_by_name,
  1,  imprag__generate_done__number_ranges,
  (ProtobufCMessageInit) imprag__generate_done__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCEnumValue imprag__data_type__enum_values_by_number[4] =
{
  { "DATA_TYPE_UNSPECIFIED", "IMPRAG__DATA_TYPE__DATA_TYPE_UNSPECIFIED", 0 },
  { "FLOAT32", "IMPRAG__DATA_TYPE__FLOAT32", 1 },
  { "BFLOAT16", "IMPRAG__DATA_TYPE__BFLOAT16", 2 },
  { "INT32", "IMPRAG__DATA_TYPE__INT32", 3 },
};
static const ProtobufCIntRange imprag__data_type__value_ranges[] = {
{0, 0},{0, 4}
};
static const ProtobufCEnumValueIndex imprag__data_type__enum_values_by_name[4] =
{
  { "BFLOAT16", 2 },
  { "DATA_TYPE_UNSPECIFIED", 0 },
  { "FLOAT32", 1 },
  { "INT32", 3 },
};
const ProtobufCEnumDescriptor imprag__data_type__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.DataType",
  "DataType",
  "Imprag__DataType",
  "imprag",
  4,
  imprag__data_type__enum_values_by_number,
  4,
  imprag__data_type__enum_values_by_name,
  1,
  imprag__data_type__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
static const ProtobufCEnumValue imprag__error_code__enum_values_by_number[12] =
{
  { "ERROR_CODE_UNSPECIFIED", "IMPRAG__ERROR_CODE__ERROR_CODE_UNSPECIFIED", 0 },
  { "INVALID_ARGUMENT", "IMPRAG__ERROR_CODE__INVALID_ARGUMENT", 1 },
  { "NOT_FOUND", "IMPRAG__ERROR_CODE__NOT_FOUND", 2 },
  { "FAILED_PRECONDITION", "IMPRAG__ERROR_CODE__FAILED_PRECONDITION", 3 },
  { "RESOURCE_EXHAUSTED", "IMPRAG__ERROR_CODE__RESOURCE_EXHAUSTED", 4 },
  { "DEADLINE_EXCEEDED", "IMPRAG__ERROR_CODE__DEADLINE_EXCEEDED", 5 },
  { "UNAVAILABLE", "IMPRAG__ERROR_CODE__UNAVAILABLE", 6 },
  { "UNAUTHENTICATED", "IMPRAG__ERROR_CODE__UNAUTHENTICATED", 7 },
  { "PERMISSION_DENIED", "IMPRAG__ERROR_CODE__PERMISSION_DENIED", 8 },
  { "CANCELLED", "IMPRAG__ERROR_CODE__CANCELLED", 9 },
  { "DATA_LOSS", "IMPRAG__ERROR_CODE__DATA_LOSS", 10 },
  { "INTERNAL", "IMPRAG__ERROR_CODE__INTERNAL", 11 },
};
static const ProtobufCIntRange imprag__error_code__value_ranges[] = {
{0, 0},{0, 12}
};
static const ProtobufCEnumValueIndex imprag__error_code__enum_values_by_name[12] =
{
  { "CANCELLED", 9 },
  { "DATA_LOSS", 10 },
  { "DEADLINE_EXCEEDED", 5 },
  { "ERROR_CODE_UNSPECIFIED", 0 },
  { "FAILED_PRECONDITION", 3 },
  { "INTERNAL", 11 },
  { "INVALID_ARGUMENT", 1 },
  { "NOT_FOUND", 2 },
  { "PERMISSION_DENIED", 8 },
  { "RESOURCE_EXHAUSTED", 4 },
  { "UNAUTHENTICATED", 7 },
  { "UNAVAILABLE", 6 },
};
const ProtobufCEnumDescriptor imprag__error_code__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.ErrorCode",
  "ErrorCode",
  "Imprag__ErrorCode",
  "imprag",
  12,
  imprag__error_code__enum_values_by_number,
  12,
  imprag__error_code__enum_values_by_name,
  1,
  imprag__error_code__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
static const ProtobufCEnumValue imprag__passage_encoding__enum_values_by_number[4] =
{
  { "PASSAGE_ENCODING_DEFAULT", "IMPRAG__PASSAGE_ENCODING__PASSAGE_ENCODING_DEFAULT", 0 },
  { "CONCATENATED", "IMPRAG__PASSAGE_ENCODING__CONCATENATED", 1 },
  { "SEGMENTED", "IMPRAG__PASSAGE_ENCODING__SEGMENTED", 2 },
  { "INDEPENDENT", "IMPRAG__PASSAGE_ENCODING__INDEPENDENT", 3 },
};
static const ProtobufCIntRange imprag__passage_encoding__value_ranges[] = {
{0, 0},{0, 4}
};
static const ProtobufCEnumValueIndex imprag__passage_encoding__enum_values_by_name[4] =
{
  { "CONCATENATED", 1 },
  { "INDEPENDENT", 3 },
  { "PASSAGE_ENCODING_DEFAULT", 0 },
  { "SEGMENTED", 2 },
};
const ProtobufCEnumDescriptor imprag__passage_encoding__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.PassageEncoding",
  "PassageEncoding",
  "Imprag__PassageEncoding",
  "imprag",
  4,
  imprag__passage_encoding__enum_values_by_number,
  4,
  imprag__passage_encoding__enum_values_by_name,
  1,
  imprag__passage_encoding__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
static const ProtobufCEnumValue imprag__completeness_policy__enum_values_by_number[2] =
{
  { "FAIL", "IMPRAG__COMPLETENESS_POLICY__FAIL", 0 },
  { "PARTIAL", "IMPRAG__COMPLETENESS_POLICY__PARTIAL", 1 },
};
static const ProtobufCIntRange imprag__completeness_policy__value_ranges[] = {
{0, 0},{0, 2}
};
static const ProtobufCEnumValueIndex imprag__completeness_policy__enum_values_by_name[2] =
{
  { "FAIL", 0 },
  { "PARTIAL", 1 },
};
const ProtobufCEnumDescriptor imprag__completeness_policy__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.CompletenessPolicy",
  "CompletenessPolicy",
  "Imprag__CompletenessPolicy",
  "imprag",
  2,
  imprag__completeness_policy__enum_values_by_number,
  2,
  imprag__completeness_policy__enum_values_by_name,
  1,
  imprag__completeness_policy__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
static const ProtobufCEnumValue imprag__shard_state__enum_values_by_number[4] =
{
  { "SHARD_STATE_UNSPECIFIED", "IMPRAG__SHARD_STATE__SHARD_STATE_UNSPECIFIED", 0 },
  { "ANSWERED", "IMPRAG__SHARD_STATE__ANSWERED", 1 },
  { "TIMED_OUT", "IMPRAG__SHARD_STATE__TIMED_OUT", 2 },
  { "FAILED", "IMPRAG__SHARD_STATE__FAILED", 3 },
};
static const ProtobufCIntRange imprag__shard_state__value_ranges[] = {
{0, 0},{0, 4}
};
static const ProtobufCEnumValueIndex imprag__shard_state__enum_values_by_name[4] =
{
  { "ANSWERED", 1 },
  { "FAILED", 3 },
  { "SHARD_STATE_UNSPECIFIED", 0 },
  { "TIMED_OUT", 2 },
};
const ProtobufCEnumDescriptor imprag__shard_state__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.ShardState",
  "ShardState",
  "Imprag__ShardState",
  "imprag",
  4,
  imprag__shard_state__enum_values_by_number,
  4,
  imprag__shard_state__enum_values_by_name,
  1,
  imprag__shard_state__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
static const ProtobufCEnumValue imprag__finish_reason__enum_values_by_number[3] =
{
  { "FINISH_REASON_UNSPECIFIED", "IMPRAG__FINISH_REASON__FINISH_REASON_UNSPECIFIED", 0 },
  { "STOP", "IMPRAG__FINISH_REASON__STOP", 1 },
  { "LENGTH", "IMPRAG__FINISH_REASON__LENGTH", 2 },
};
static const ProtobufCIntRange imprag__finish_reason__value_ranges[] = {
{0, 0},{0, 3}
};
static const ProtobufCEnumValueIndex imprag__finish_reason__enum_values_by_name[3] =
{
  { "FINISH_REASON_UNSPECIFIED", 0 },
  { "LENGTH", 2 },
  { "STOP", 1 },
};
const ProtobufCEnumDescriptor imprag__finish_reason__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.FinishReason",
  "FinishReason",
  "Imprag__FinishReason",
  "imprag",
  3,
  imprag__finish_reason__enum_values_by_number,
  3,
  imprag__finish_reason__enum_values_by_name,
  1,
  imprag__finish_reason__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
static const ProtobufCEnumValue imprag__node_role__enum_values_by_number[4] =
{
  { "NODE_ROLE_UNSPECIFIED", "IMPRAG__NODE_ROLE__NODE_ROLE_UNSPECIFIED", 0 },
  { "SHARD", "IMPRAG__NODE_ROLE__SHARD", 1 },
  { "COORDINATOR", "IMPRAG__NODE_ROLE__COORDINATOR", 2 },
  { "GENERATOR", "IMPRAG__NODE_ROLE__GENERATOR", 3 },
};
static const ProtobufCIntRange imprag__node_role__value_ranges[] = {
{0, 0},{0, 4}
};
static const ProtobufCEnumValueIndex imprag__node_role__enum_values_by_name[4] =
{
  { "COORDINATOR", 2 },
  { "GENERATOR", 3 },
  { "NODE_ROLE_UNSPECIFIED", 0 },
  { "SHARD", 1 },
};
const ProtobufCEnumDescriptor imprag__node_role__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.NodeRole",
  "NodeRole",
  "Imprag__NodeRole",
  "imprag",
  4,
  imprag__node_role__enum_values_by_number,
  4,
  imprag__node_role__enum_values_by_name,
  1,
  imprag__node_role__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
static const ProtobufCEnumValue imprag__node_state__enum_values_by_number[5] =
{
  { "NODE_STATE_UNSPECIFIED", "IMPRAG__NODE_STATE__NODE_STATE_UNSPECIFIED", 0 },
  { "LOADING", "IMPRAG__NODE_STATE__LOADING", 1 },
  { "READY", "IMPRAG__NODE_STATE__READY", 2 },
  { "STOPPING", "IMPRAG__NODE_STATE__STOPPING", 3 },
  { "UNREACHABLE", "IMPRAG__NODE_STATE__UNREACHABLE", 4 },
};
static const ProtobufCIntRange imprag__node_state__value_ranges[] = {
{0, 0},{0, 5}
};
static const ProtobufCEnumValueIndex imprag__node_state__enum_values_by_name[5] =
{
  { "LOADING", 1 },
  { "NODE_STATE_UNSPECIFIED", 0 },
  { "READY", 2 },
  { "STOPPING", 3 },
  { "UNREACHABLE", 4 },
};
const ProtobufCEnumDescriptor imprag__node_state__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.NodeState",
  "NodeState",
  "Imprag__NodeState",
  "imprag",
  5,
  imprag__node_state__enum_values_by_number,
  5,
  imprag__node_state__enum_values_by_name,
  1,
  imprag__node_state__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
