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
void   imprag__metadata_entry__init
                     (Imprag__MetadataEntry         *message)
{
  static const Imprag__MetadataEntry init_value = IMPRAG__METADATA_ENTRY__INIT;
  *message = init_value;
}
size_t imprag__metadata_entry__get_packed_size
                     (const Imprag__MetadataEntry *message)
{
  assert(message->base.descriptor == &imprag__metadata_entry__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__metadata_entry__pack
                     (const Imprag__MetadataEntry *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__metadata_entry__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__metadata_entry__pack_to_buffer
                     (const Imprag__MetadataEntry *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__metadata_entry__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__MetadataEntry *
       imprag__metadata_entry__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__MetadataEntry *)
     protobuf_c_message_unpack (&imprag__metadata_entry__descriptor,
                                allocator, len, data);
}
void   imprag__metadata_entry__free_unpacked
                     (Imprag__MetadataEntry *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__metadata_entry__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__text_list__init
                     (Imprag__TextList         *message)
{
  static const Imprag__TextList init_value = IMPRAG__TEXT_LIST__INIT;
  *message = init_value;
}
size_t imprag__text_list__get_packed_size
                     (const Imprag__TextList *message)
{
  assert(message->base.descriptor == &imprag__text_list__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__text_list__pack
                     (const Imprag__TextList *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__text_list__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__text_list__pack_to_buffer
                     (const Imprag__TextList *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__text_list__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__TextList *
       imprag__text_list__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__TextList *)
     protobuf_c_message_unpack (&imprag__text_list__descriptor,
                                allocator, len, data);
}
void   imprag__text_list__free_unpacked
                     (Imprag__TextList *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__text_list__descriptor);
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
void   imprag__list_place__init
                     (Imprag__ListPlace         *message)
{
  static const Imprag__ListPlace init_value = IMPRAG__LIST_PLACE__INIT;
  *message = init_value;
}
size_t imprag__list_place__get_packed_size
                     (const Imprag__ListPlace *message)
{
  assert(message->base.descriptor == &imprag__list_place__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__list_place__pack
                     (const Imprag__ListPlace *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__list_place__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__list_place__pack_to_buffer
                     (const Imprag__ListPlace *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__list_place__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ListPlace *
       imprag__list_place__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ListPlace *)
     protobuf_c_message_unpack (&imprag__list_place__descriptor,
                                allocator, len, data);
}
void   imprag__list_place__free_unpacked
                     (Imprag__ListPlace *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__list_place__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__filter__init
                     (Imprag__Filter         *message)
{
  static const Imprag__Filter init_value = IMPRAG__FILTER__INIT;
  *message = init_value;
}
size_t imprag__filter__get_packed_size
                     (const Imprag__Filter *message)
{
  assert(message->base.descriptor == &imprag__filter__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__filter__pack
                     (const Imprag__Filter *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__filter__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__filter__pack_to_buffer
                     (const Imprag__Filter *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__filter__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__Filter *
       imprag__filter__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__Filter *)
     protobuf_c_message_unpack (&imprag__filter__descriptor,
                                allocator, len, data);
}
void   imprag__filter__free_unpacked
                     (Imprag__Filter *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__filter__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__filter_list__init
                     (Imprag__FilterList         *message)
{
  static const Imprag__FilterList init_value = IMPRAG__FILTER_LIST__INIT;
  *message = init_value;
}
size_t imprag__filter_list__get_packed_size
                     (const Imprag__FilterList *message)
{
  assert(message->base.descriptor == &imprag__filter_list__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__filter_list__pack
                     (const Imprag__FilterList *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__filter_list__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__filter_list__pack_to_buffer
                     (const Imprag__FilterList *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__filter_list__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__FilterList *
       imprag__filter_list__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__FilterList *)
     protobuf_c_message_unpack (&imprag__filter_list__descriptor,
                                allocator, len, data);
}
void   imprag__filter_list__free_unpacked
                     (Imprag__FilterList *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__filter_list__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__filter_scalar__init
                     (Imprag__FilterScalar         *message)
{
  static const Imprag__FilterScalar init_value = IMPRAG__FILTER_SCALAR__INIT;
  *message = init_value;
}
size_t imprag__filter_scalar__get_packed_size
                     (const Imprag__FilterScalar *message)
{
  assert(message->base.descriptor == &imprag__filter_scalar__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__filter_scalar__pack
                     (const Imprag__FilterScalar *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__filter_scalar__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__filter_scalar__pack_to_buffer
                     (const Imprag__FilterScalar *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__filter_scalar__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__FilterScalar *
       imprag__filter_scalar__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__FilterScalar *)
     protobuf_c_message_unpack (&imprag__filter_scalar__descriptor,
                                allocator, len, data);
}
void   imprag__filter_scalar__free_unpacked
                     (Imprag__FilterScalar *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__filter_scalar__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__field_equals__init
                     (Imprag__FieldEquals         *message)
{
  static const Imprag__FieldEquals init_value = IMPRAG__FIELD_EQUALS__INIT;
  *message = init_value;
}
size_t imprag__field_equals__get_packed_size
                     (const Imprag__FieldEquals *message)
{
  assert(message->base.descriptor == &imprag__field_equals__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__field_equals__pack
                     (const Imprag__FieldEquals *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__field_equals__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__field_equals__pack_to_buffer
                     (const Imprag__FieldEquals *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__field_equals__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__FieldEquals *
       imprag__field_equals__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__FieldEquals *)
     protobuf_c_message_unpack (&imprag__field_equals__descriptor,
                                allocator, len, data);
}
void   imprag__field_equals__free_unpacked
                     (Imprag__FieldEquals *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__field_equals__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__field_is_one_of__init
                     (Imprag__FieldIsOneOf         *message)
{
  static const Imprag__FieldIsOneOf init_value = IMPRAG__FIELD_IS_ONE_OF__INIT;
  *message = init_value;
}
size_t imprag__field_is_one_of__get_packed_size
                     (const Imprag__FieldIsOneOf *message)
{
  assert(message->base.descriptor == &imprag__field_is_one_of__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__field_is_one_of__pack
                     (const Imprag__FieldIsOneOf *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__field_is_one_of__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__field_is_one_of__pack_to_buffer
                     (const Imprag__FieldIsOneOf *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__field_is_one_of__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__FieldIsOneOf *
       imprag__field_is_one_of__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__FieldIsOneOf *)
     protobuf_c_message_unpack (&imprag__field_is_one_of__descriptor,
                                allocator, len, data);
}
void   imprag__field_is_one_of__free_unpacked
                     (Imprag__FieldIsOneOf *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__field_is_one_of__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__field_range__init
                     (Imprag__FieldRange         *message)
{
  static const Imprag__FieldRange init_value = IMPRAG__FIELD_RANGE__INIT;
  *message = init_value;
}
size_t imprag__field_range__get_packed_size
                     (const Imprag__FieldRange *message)
{
  assert(message->base.descriptor == &imprag__field_range__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__field_range__pack
                     (const Imprag__FieldRange *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__field_range__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__field_range__pack_to_buffer
                     (const Imprag__FieldRange *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__field_range__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__FieldRange *
       imprag__field_range__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__FieldRange *)
     protobuf_c_message_unpack (&imprag__field_range__descriptor,
                                allocator, len, data);
}
void   imprag__field_range__free_unpacked
                     (Imprag__FieldRange *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__field_range__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__filter_bound__init
                     (Imprag__FilterBound         *message)
{
  static const Imprag__FilterBound init_value = IMPRAG__FILTER_BOUND__INIT;
  *message = init_value;
}
size_t imprag__filter_bound__get_packed_size
                     (const Imprag__FilterBound *message)
{
  assert(message->base.descriptor == &imprag__filter_bound__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__filter_bound__pack
                     (const Imprag__FilterBound *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__filter_bound__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__filter_bound__pack_to_buffer
                     (const Imprag__FilterBound *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__filter_bound__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__FilterBound *
       imprag__filter_bound__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__FilterBound *)
     protobuf_c_message_unpack (&imprag__filter_bound__descriptor,
                                allocator, len, data);
}
void   imprag__filter_bound__free_unpacked
                     (Imprag__FilterBound *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__filter_bound__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__search_options__init
                     (Imprag__SearchOptions         *message)
{
  static const Imprag__SearchOptions init_value = IMPRAG__SEARCH_OPTIONS__INIT;
  *message = init_value;
}
size_t imprag__search_options__get_packed_size
                     (const Imprag__SearchOptions *message)
{
  assert(message->base.descriptor == &imprag__search_options__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__search_options__pack
                     (const Imprag__SearchOptions *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__search_options__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__search_options__pack_to_buffer
                     (const Imprag__SearchOptions *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__search_options__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__SearchOptions *
       imprag__search_options__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__SearchOptions *)
     protobuf_c_message_unpack (&imprag__search_options__descriptor,
                                allocator, len, data);
}
void   imprag__search_options__free_unpacked
                     (Imprag__SearchOptions *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__search_options__descriptor);
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
void   imprag__chat_message__init
                     (Imprag__ChatMessage         *message)
{
  static const Imprag__ChatMessage init_value = IMPRAG__CHAT_MESSAGE__INIT;
  *message = init_value;
}
size_t imprag__chat_message__get_packed_size
                     (const Imprag__ChatMessage *message)
{
  assert(message->base.descriptor == &imprag__chat_message__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__chat_message__pack
                     (const Imprag__ChatMessage *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__chat_message__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__chat_message__pack_to_buffer
                     (const Imprag__ChatMessage *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__chat_message__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ChatMessage *
       imprag__chat_message__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ChatMessage *)
     protobuf_c_message_unpack (&imprag__chat_message__descriptor,
                                allocator, len, data);
}
void   imprag__chat_message__free_unpacked
                     (Imprag__ChatMessage *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__chat_message__descriptor);
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
void   imprag__token_candidate__init
                     (Imprag__TokenCandidate         *message)
{
  static const Imprag__TokenCandidate init_value = IMPRAG__TOKEN_CANDIDATE__INIT;
  *message = init_value;
}
size_t imprag__token_candidate__get_packed_size
                     (const Imprag__TokenCandidate *message)
{
  assert(message->base.descriptor == &imprag__token_candidate__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__token_candidate__pack
                     (const Imprag__TokenCandidate *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__token_candidate__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__token_candidate__pack_to_buffer
                     (const Imprag__TokenCandidate *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__token_candidate__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__TokenCandidate *
       imprag__token_candidate__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__TokenCandidate *)
     protobuf_c_message_unpack (&imprag__token_candidate__descriptor,
                                allocator, len, data);
}
void   imprag__token_candidate__free_unpacked
                     (Imprag__TokenCandidate *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__token_candidate__descriptor);
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
void   imprag__arithmetic__init
                     (Imprag__Arithmetic         *message)
{
  static const Imprag__Arithmetic init_value = IMPRAG__ARITHMETIC__INIT;
  *message = init_value;
}
size_t imprag__arithmetic__get_packed_size
                     (const Imprag__Arithmetic *message)
{
  assert(message->base.descriptor == &imprag__arithmetic__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__arithmetic__pack
                     (const Imprag__Arithmetic *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__arithmetic__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__arithmetic__pack_to_buffer
                     (const Imprag__Arithmetic *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__arithmetic__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__Arithmetic *
       imprag__arithmetic__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__Arithmetic *)
     protobuf_c_message_unpack (&imprag__arithmetic__descriptor,
                                allocator, len, data);
}
void   imprag__arithmetic__free_unpacked
                     (Imprag__Arithmetic *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__arithmetic__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__ask_record__init
                     (Imprag__AskRecord         *message)
{
  static const Imprag__AskRecord init_value = IMPRAG__ASK_RECORD__INIT;
  *message = init_value;
}
size_t imprag__ask_record__get_packed_size
                     (const Imprag__AskRecord *message)
{
  assert(message->base.descriptor == &imprag__ask_record__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__ask_record__pack
                     (const Imprag__AskRecord *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__ask_record__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__ask_record__pack_to_buffer
                     (const Imprag__AskRecord *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__ask_record__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__AskRecord *
       imprag__ask_record__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__AskRecord *)
     protobuf_c_message_unpack (&imprag__ask_record__descriptor,
                                allocator, len, data);
}
void   imprag__ask_record__free_unpacked
                     (Imprag__AskRecord *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__ask_record__descriptor);
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
void   imprag__embed_request__init
                     (Imprag__EmbedRequest         *message)
{
  static const Imprag__EmbedRequest init_value = IMPRAG__EMBED_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__embed_request__get_packed_size
                     (const Imprag__EmbedRequest *message)
{
  assert(message->base.descriptor == &imprag__embed_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__embed_request__pack
                     (const Imprag__EmbedRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__embed_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__embed_request__pack_to_buffer
                     (const Imprag__EmbedRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__embed_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__EmbedRequest *
       imprag__embed_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__EmbedRequest *)
     protobuf_c_message_unpack (&imprag__embed_request__descriptor,
                                allocator, len, data);
}
void   imprag__embed_request__free_unpacked
                     (Imprag__EmbedRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__embed_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__embed_reply__init
                     (Imprag__EmbedReply         *message)
{
  static const Imprag__EmbedReply init_value = IMPRAG__EMBED_REPLY__INIT;
  *message = init_value;
}
size_t imprag__embed_reply__get_packed_size
                     (const Imprag__EmbedReply *message)
{
  assert(message->base.descriptor == &imprag__embed_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__embed_reply__pack
                     (const Imprag__EmbedReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__embed_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__embed_reply__pack_to_buffer
                     (const Imprag__EmbedReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__embed_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__EmbedReply *
       imprag__embed_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__EmbedReply *)
     protobuf_c_message_unpack (&imprag__embed_reply__descriptor,
                                allocator, len, data);
}
void   imprag__embed_reply__free_unpacked
                     (Imprag__EmbedReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__embed_reply__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__upsert_request__init
                     (Imprag__UpsertRequest         *message)
{
  static const Imprag__UpsertRequest init_value = IMPRAG__UPSERT_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__upsert_request__get_packed_size
                     (const Imprag__UpsertRequest *message)
{
  assert(message->base.descriptor == &imprag__upsert_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__upsert_request__pack
                     (const Imprag__UpsertRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__upsert_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__upsert_request__pack_to_buffer
                     (const Imprag__UpsertRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__upsert_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__UpsertRequest *
       imprag__upsert_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__UpsertRequest *)
     protobuf_c_message_unpack (&imprag__upsert_request__descriptor,
                                allocator, len, data);
}
void   imprag__upsert_request__free_unpacked
                     (Imprag__UpsertRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__upsert_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__upsert_reply__init
                     (Imprag__UpsertReply         *message)
{
  static const Imprag__UpsertReply init_value = IMPRAG__UPSERT_REPLY__INIT;
  *message = init_value;
}
size_t imprag__upsert_reply__get_packed_size
                     (const Imprag__UpsertReply *message)
{
  assert(message->base.descriptor == &imprag__upsert_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__upsert_reply__pack
                     (const Imprag__UpsertReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__upsert_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__upsert_reply__pack_to_buffer
                     (const Imprag__UpsertReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__upsert_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__UpsertReply *
       imprag__upsert_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__UpsertReply *)
     protobuf_c_message_unpack (&imprag__upsert_reply__descriptor,
                                allocator, len, data);
}
void   imprag__upsert_reply__free_unpacked
                     (Imprag__UpsertReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__upsert_reply__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__delete_request__init
                     (Imprag__DeleteRequest         *message)
{
  static const Imprag__DeleteRequest init_value = IMPRAG__DELETE_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__delete_request__get_packed_size
                     (const Imprag__DeleteRequest *message)
{
  assert(message->base.descriptor == &imprag__delete_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__delete_request__pack
                     (const Imprag__DeleteRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__delete_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__delete_request__pack_to_buffer
                     (const Imprag__DeleteRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__delete_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__DeleteRequest *
       imprag__delete_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__DeleteRequest *)
     protobuf_c_message_unpack (&imprag__delete_request__descriptor,
                                allocator, len, data);
}
void   imprag__delete_request__free_unpacked
                     (Imprag__DeleteRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__delete_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__delete_reply__init
                     (Imprag__DeleteReply         *message)
{
  static const Imprag__DeleteReply init_value = IMPRAG__DELETE_REPLY__INIT;
  *message = init_value;
}
size_t imprag__delete_reply__get_packed_size
                     (const Imprag__DeleteReply *message)
{
  assert(message->base.descriptor == &imprag__delete_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__delete_reply__pack
                     (const Imprag__DeleteReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__delete_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__delete_reply__pack_to_buffer
                     (const Imprag__DeleteReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__delete_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__DeleteReply *
       imprag__delete_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__DeleteReply *)
     protobuf_c_message_unpack (&imprag__delete_reply__descriptor,
                                allocator, len, data);
}
void   imprag__delete_reply__free_unpacked
                     (Imprag__DeleteReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__delete_reply__descriptor);
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
void   imprag__metric_sample__init
                     (Imprag__MetricSample         *message)
{
  static const Imprag__MetricSample init_value = IMPRAG__METRIC_SAMPLE__INIT;
  *message = init_value;
}
size_t imprag__metric_sample__get_packed_size
                     (const Imprag__MetricSample *message)
{
  assert(message->base.descriptor == &imprag__metric_sample__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__metric_sample__pack
                     (const Imprag__MetricSample *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__metric_sample__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__metric_sample__pack_to_buffer
                     (const Imprag__MetricSample *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__metric_sample__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__MetricSample *
       imprag__metric_sample__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__MetricSample *)
     protobuf_c_message_unpack (&imprag__metric_sample__descriptor,
                                allocator, len, data);
}
void   imprag__metric_sample__free_unpacked
                     (Imprag__MetricSample *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__metric_sample__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__metric_label__init
                     (Imprag__MetricLabel         *message)
{
  static const Imprag__MetricLabel init_value = IMPRAG__METRIC_LABEL__INIT;
  *message = init_value;
}
size_t imprag__metric_label__get_packed_size
                     (const Imprag__MetricLabel *message)
{
  assert(message->base.descriptor == &imprag__metric_label__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__metric_label__pack
                     (const Imprag__MetricLabel *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__metric_label__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__metric_label__pack_to_buffer
                     (const Imprag__MetricLabel *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__metric_label__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__MetricLabel *
       imprag__metric_label__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__MetricLabel *)
     protobuf_c_message_unpack (&imprag__metric_label__descriptor,
                                allocator, len, data);
}
void   imprag__metric_label__free_unpacked
                     (Imprag__MetricLabel *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__metric_label__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__histogram_figures__init
                     (Imprag__HistogramFigures         *message)
{
  static const Imprag__HistogramFigures init_value = IMPRAG__HISTOGRAM_FIGURES__INIT;
  *message = init_value;
}
size_t imprag__histogram_figures__get_packed_size
                     (const Imprag__HistogramFigures *message)
{
  assert(message->base.descriptor == &imprag__histogram_figures__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__histogram_figures__pack
                     (const Imprag__HistogramFigures *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__histogram_figures__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__histogram_figures__pack_to_buffer
                     (const Imprag__HistogramFigures *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__histogram_figures__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__HistogramFigures *
       imprag__histogram_figures__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__HistogramFigures *)
     protobuf_c_message_unpack (&imprag__histogram_figures__descriptor,
                                allocator, len, data);
}
void   imprag__histogram_figures__free_unpacked
                     (Imprag__HistogramFigures *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__histogram_figures__descriptor);
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
void   imprag__words_query__init
                     (Imprag__WordsQuery         *message)
{
  static const Imprag__WordsQuery init_value = IMPRAG__WORDS_QUERY__INIT;
  *message = init_value;
}
size_t imprag__words_query__get_packed_size
                     (const Imprag__WordsQuery *message)
{
  assert(message->base.descriptor == &imprag__words_query__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__words_query__pack
                     (const Imprag__WordsQuery *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__words_query__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__words_query__pack_to_buffer
                     (const Imprag__WordsQuery *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__words_query__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__WordsQuery *
       imprag__words_query__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__WordsQuery *)
     protobuf_c_message_unpack (&imprag__words_query__descriptor,
                                allocator, len, data);
}
void   imprag__words_query__free_unpacked
                     (Imprag__WordsQuery *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__words_query__descriptor);
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
void   imprag__partition_figures__init
                     (Imprag__PartitionFigures         *message)
{
  static const Imprag__PartitionFigures init_value = IMPRAG__PARTITION_FIGURES__INIT;
  *message = init_value;
}
size_t imprag__partition_figures__get_packed_size
                     (const Imprag__PartitionFigures *message)
{
  assert(message->base.descriptor == &imprag__partition_figures__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__partition_figures__pack
                     (const Imprag__PartitionFigures *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__partition_figures__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__partition_figures__pack_to_buffer
                     (const Imprag__PartitionFigures *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__partition_figures__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__PartitionFigures *
       imprag__partition_figures__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__PartitionFigures *)
     protobuf_c_message_unpack (&imprag__partition_figures__descriptor,
                                allocator, len, data);
}
void   imprag__partition_figures__free_unpacked
                     (Imprag__PartitionFigures *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__partition_figures__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__shard_words__init
                     (Imprag__ShardWords         *message)
{
  static const Imprag__ShardWords init_value = IMPRAG__SHARD_WORDS__INIT;
  *message = init_value;
}
size_t imprag__shard_words__get_packed_size
                     (const Imprag__ShardWords *message)
{
  assert(message->base.descriptor == &imprag__shard_words__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__shard_words__pack
                     (const Imprag__ShardWords *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__shard_words__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__shard_words__pack_to_buffer
                     (const Imprag__ShardWords *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__shard_words__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ShardWords *
       imprag__shard_words__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ShardWords *)
     protobuf_c_message_unpack (&imprag__shard_words__descriptor,
                                allocator, len, data);
}
void   imprag__shard_words__free_unpacked
                     (Imprag__ShardWords *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__shard_words__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__shard_word_hit__init
                     (Imprag__ShardWordHit         *message)
{
  static const Imprag__ShardWordHit init_value = IMPRAG__SHARD_WORD_HIT__INIT;
  *message = init_value;
}
size_t imprag__shard_word_hit__get_packed_size
                     (const Imprag__ShardWordHit *message)
{
  assert(message->base.descriptor == &imprag__shard_word_hit__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__shard_word_hit__pack
                     (const Imprag__ShardWordHit *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__shard_word_hit__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__shard_word_hit__pack_to_buffer
                     (const Imprag__ShardWordHit *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__shard_word_hit__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ShardWordHit *
       imprag__shard_word_hit__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ShardWordHit *)
     protobuf_c_message_unpack (&imprag__shard_word_hit__descriptor,
                                allocator, len, data);
}
void   imprag__shard_word_hit__free_unpacked
                     (Imprag__ShardWordHit *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__shard_word_hit__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__apply_request__init
                     (Imprag__ApplyRequest         *message)
{
  static const Imprag__ApplyRequest init_value = IMPRAG__APPLY_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__apply_request__get_packed_size
                     (const Imprag__ApplyRequest *message)
{
  assert(message->base.descriptor == &imprag__apply_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__apply_request__pack
                     (const Imprag__ApplyRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__apply_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__apply_request__pack_to_buffer
                     (const Imprag__ApplyRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__apply_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ApplyRequest *
       imprag__apply_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ApplyRequest *)
     protobuf_c_message_unpack (&imprag__apply_request__descriptor,
                                allocator, len, data);
}
void   imprag__apply_request__free_unpacked
                     (Imprag__ApplyRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__apply_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__apply_reply__init
                     (Imprag__ApplyReply         *message)
{
  static const Imprag__ApplyReply init_value = IMPRAG__APPLY_REPLY__INIT;
  *message = init_value;
}
size_t imprag__apply_reply__get_packed_size
                     (const Imprag__ApplyReply *message)
{
  assert(message->base.descriptor == &imprag__apply_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__apply_reply__pack
                     (const Imprag__ApplyReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__apply_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__apply_reply__pack_to_buffer
                     (const Imprag__ApplyReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__apply_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__ApplyReply *
       imprag__apply_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__ApplyReply *)
     protobuf_c_message_unpack (&imprag__apply_reply__descriptor,
                                allocator, len, data);
}
void   imprag__apply_reply__free_unpacked
                     (Imprag__ApplyReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__apply_reply__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__partition_outcome__init
                     (Imprag__PartitionOutcome         *message)
{
  static const Imprag__PartitionOutcome init_value = IMPRAG__PARTITION_OUTCOME__INIT;
  *message = init_value;
}
size_t imprag__partition_outcome__get_packed_size
                     (const Imprag__PartitionOutcome *message)
{
  assert(message->base.descriptor == &imprag__partition_outcome__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__partition_outcome__pack
                     (const Imprag__PartitionOutcome *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__partition_outcome__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__partition_outcome__pack_to_buffer
                     (const Imprag__PartitionOutcome *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__partition_outcome__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__PartitionOutcome *
       imprag__partition_outcome__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__PartitionOutcome *)
     protobuf_c_message_unpack (&imprag__partition_outcome__descriptor,
                                allocator, len, data);
}
void   imprag__partition_outcome__free_unpacked
                     (Imprag__PartitionOutcome *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__partition_outcome__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__fetch_states_request__init
                     (Imprag__FetchStatesRequest         *message)
{
  static const Imprag__FetchStatesRequest init_value = IMPRAG__FETCH_STATES_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__fetch_states_request__get_packed_size
                     (const Imprag__FetchStatesRequest *message)
{
  assert(message->base.descriptor == &imprag__fetch_states_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__fetch_states_request__pack
                     (const Imprag__FetchStatesRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__fetch_states_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__fetch_states_request__pack_to_buffer
                     (const Imprag__FetchStatesRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__fetch_states_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__FetchStatesRequest *
       imprag__fetch_states_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__FetchStatesRequest *)
     protobuf_c_message_unpack (&imprag__fetch_states_request__descriptor,
                                allocator, len, data);
}
void   imprag__fetch_states_request__free_unpacked
                     (Imprag__FetchStatesRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__fetch_states_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__fetch_states_reply__init
                     (Imprag__FetchStatesReply         *message)
{
  static const Imprag__FetchStatesReply init_value = IMPRAG__FETCH_STATES_REPLY__INIT;
  *message = init_value;
}
size_t imprag__fetch_states_reply__get_packed_size
                     (const Imprag__FetchStatesReply *message)
{
  assert(message->base.descriptor == &imprag__fetch_states_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__fetch_states_reply__pack
                     (const Imprag__FetchStatesReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__fetch_states_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__fetch_states_reply__pack_to_buffer
                     (const Imprag__FetchStatesReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__fetch_states_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__FetchStatesReply *
       imprag__fetch_states_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__FetchStatesReply *)
     protobuf_c_message_unpack (&imprag__fetch_states_reply__descriptor,
                                allocator, len, data);
}
void   imprag__fetch_states_reply__free_unpacked
                     (Imprag__FetchStatesReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__fetch_states_reply__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__store_states_request__init
                     (Imprag__StoreStatesRequest         *message)
{
  static const Imprag__StoreStatesRequest init_value = IMPRAG__STORE_STATES_REQUEST__INIT;
  *message = init_value;
}
size_t imprag__store_states_request__get_packed_size
                     (const Imprag__StoreStatesRequest *message)
{
  assert(message->base.descriptor == &imprag__store_states_request__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__store_states_request__pack
                     (const Imprag__StoreStatesRequest *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__store_states_request__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__store_states_request__pack_to_buffer
                     (const Imprag__StoreStatesRequest *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__store_states_request__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__StoreStatesRequest *
       imprag__store_states_request__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__StoreStatesRequest *)
     protobuf_c_message_unpack (&imprag__store_states_request__descriptor,
                                allocator, len, data);
}
void   imprag__store_states_request__free_unpacked
                     (Imprag__StoreStatesRequest *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__store_states_request__descriptor);
  protobuf_c_message_free_unpacked ((ProtobufCMessage*)message, allocator);
}
void   imprag__store_states_reply__init
                     (Imprag__StoreStatesReply         *message)
{
  static const Imprag__StoreStatesReply init_value = IMPRAG__STORE_STATES_REPLY__INIT;
  *message = init_value;
}
size_t imprag__store_states_reply__get_packed_size
                     (const Imprag__StoreStatesReply *message)
{
  assert(message->base.descriptor == &imprag__store_states_reply__descriptor);
  return protobuf_c_message_get_packed_size ((const ProtobufCMessage*)(message));
}
size_t imprag__store_states_reply__pack
                     (const Imprag__StoreStatesReply *message,
                      uint8_t       *out)
{
  assert(message->base.descriptor == &imprag__store_states_reply__descriptor);
  return protobuf_c_message_pack ((const ProtobufCMessage*)message, out);
}
size_t imprag__store_states_reply__pack_to_buffer
                     (const Imprag__StoreStatesReply *message,
                      ProtobufCBuffer *buffer)
{
  assert(message->base.descriptor == &imprag__store_states_reply__descriptor);
  return protobuf_c_message_pack_to_buffer ((const ProtobufCMessage*)message, buffer);
}
Imprag__StoreStatesReply *
       imprag__store_states_reply__unpack
                     (ProtobufCAllocator  *allocator,
                      size_t               len,
                      const uint8_t       *data)
{
  return (Imprag__StoreStatesReply *)
     protobuf_c_message_unpack (&imprag__store_states_reply__descriptor,
                                allocator, len, data);
}
void   imprag__store_states_reply__free_unpacked
                     (Imprag__StoreStatesReply *message,
                      ProtobufCAllocator *allocator)
{
  if(!message)
    return;
  assert(message->base.descriptor == &imprag__store_states_reply__descriptor);
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
static const ProtobufCFieldDescriptor imprag__envelope__field_descriptors[38] =
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
    "reply_number",
    8,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__Envelope, reply_number_presence_case),
    offsetof(Imprag__Envelope, reply_number),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "traceparent",
    9,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Envelope, traceparent),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "collection",
    10,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Envelope, collection),
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
    "upsert",
    23,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, upsert),
    &imprag__upsert_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "delete",
    24,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, delete_),
    &imprag__delete_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "fetch_states",
    27,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, fetch_states),
    &imprag__fetch_states_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "store_states",
    28,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, store_states),
    &imprag__store_states_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "apply",
    29,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, apply),
    &imprag__apply_request__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "embed",
    30,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, embed),
    &imprag__embed_request__descriptor,
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
  {
    "upsert_reply",
    41,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, upsert_reply),
    &imprag__upsert_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "delete_reply",
    42,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, delete_reply),
    &imprag__delete_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "fetch_states_reply",
    43,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, fetch_states_reply),
    &imprag__fetch_states_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "store_states_reply",
    44,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, store_states_reply),
    &imprag__store_states_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "apply_reply",
    45,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, apply_reply),
    &imprag__apply_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "embed_reply",
    46,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Envelope, body_case),
    offsetof(Imprag__Envelope, embed_reply),
    &imprag__embed_reply__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__envelope__field_indices_by_name[] = {
  21,   /* field[21] = apply */
  36,   /* field[36] = apply_reply */
  10,   /* field[10] = ask */
  26,   /* field[26] = ask_done */
  24,   /* field[24] = ask_sources */
  13,   /* field[13] = cancel */
  9,   /* field[9] = collection */
  2,   /* field[2] = deadline_ms */
  18,   /* field[18] = delete */
  33,   /* field[33] = delete_reply */
  22,   /* field[22] = embed */
  37,   /* field[37] = embed_reply */
  23,   /* field[23] = failure */
  19,   /* field[19] = fetch_states */
  34,   /* field[34] = fetch_states_reply */
  3,   /* field[3] = fingerprint */
  16,   /* field[16] = generate */
  31,   /* field[31] = generate_done */
  6,   /* field[6] = more */
  5,   /* field[5] = node */
  14,   /* field[14] = ping */
  29,   /* field[29] = ping_reply */
  0,   /* field[0] = protocol_version */
  7,   /* field[7] = reply_number */
  1,   /* field[1] = request_id */
  11,   /* field[11] = search */
  27,   /* field[27] = search_reply */
  15,   /* field[15] = shard_search */
  30,   /* field[30] = shard_search_reply */
  12,   /* field[12] = status */
  28,   /* field[28] = status_reply */
  20,   /* field[20] = store_states */
  35,   /* field[35] = store_states_reply */
  4,   /* field[4] = tensors */
  25,   /* field[25] = token */
  8,   /* field[8] = traceparent */
  17,   /* field[17] = upsert */
  32,   /* field[32] = upsert_reply */
};
static const ProtobufCIntRange imprag__envelope__number_ranges[4 + 1] =
{
  { 1, 0 },
  { 16, 10 },
  { 27, 19 },
  { 32, 23 },
  { 0, 38 }
};
const ProtobufCMessageDescriptor imprag__envelope__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Envelope",
  "Envelope",
  "Imprag__Envelope",
  "imprag",
  sizeof(Imprag__Envelope),
  38,
  imprag__envelope__field_descriptors,
  imprag__envelope__field_indices_by_name,
  4,  imprag__envelope__number_ranges,
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
static const ProtobufCFieldDescriptor imprag__failure__field_descriptors[5] =
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
  {
    "retry_after_ms",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__Failure, retry_after_ms),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "other_collection",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__Failure, other_collection),
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
  4,   /* field[4] = other_collection */
  3,   /* field[3] = retry_after_ms */
};
static const ProtobufCIntRange imprag__failure__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__failure__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Failure",
  "Failure",
  "Imprag__Failure",
  "imprag",
  sizeof(Imprag__Failure),
  5,
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
static const ProtobufCFieldDescriptor imprag__passage__field_descriptors[4] =
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
  {
    "metadata",
    4,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Passage, n_metadata),
    offsetof(Imprag__Passage, metadata),
    &imprag__metadata_entry__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__passage__field_indices_by_name[] = {
  0,   /* field[0] = id */
  3,   /* field[3] = metadata */
  2,   /* field[2] = text */
  1,   /* field[1] = title */
};
static const ProtobufCIntRange imprag__passage__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 4 }
};
const ProtobufCMessageDescriptor imprag__passage__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Passage",
  "Passage",
  "Imprag__Passage",
  "imprag",
  sizeof(Imprag__Passage),
  4,
  imprag__passage__field_descriptors,
  imprag__passage__field_indices_by_name,
  1,  imprag__passage__number_ranges,
  (ProtobufCMessageInit) imprag__passage__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__metadata_entry__field_descriptors[5] =
{
  {
    "field",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__MetadataEntry, field),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "text",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__MetadataEntry, value_case),
    offsetof(Imprag__MetadataEntry, text),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "number",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__MetadataEntry, value_case),
    offsetof(Imprag__MetadataEntry, number),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "list",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__MetadataEntry, value_case),
    offsetof(Imprag__MetadataEntry, list),
    &imprag__text_list__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "integer",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_INT64,
    offsetof(Imprag__MetadataEntry, value_case),
    offsetof(Imprag__MetadataEntry, integer),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__metadata_entry__field_indices_by_name[] = {
  0,   /* field[0] = field */
  4,   /* field[4] = integer */
  3,   /* field[3] = list */
  2,   /* field[2] = number */
  1,   /* field[1] = text */
};
static const ProtobufCIntRange imprag__metadata_entry__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__metadata_entry__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.MetadataEntry",
  "MetadataEntry",
  "Imprag__MetadataEntry",
  "imprag",
  sizeof(Imprag__MetadataEntry),
  5,
  imprag__metadata_entry__field_descriptors,
  imprag__metadata_entry__field_indices_by_name,
  1,  imprag__metadata_entry__number_ranges,
  (ProtobufCMessageInit) imprag__metadata_entry__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__text_list__field_descriptors[1] =
{
  {
    "values",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__TextList, n_values),
    offsetof(Imprag__TextList, values),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__text_list__field_indices_by_name[] = {
  0,   /* field[0] = values */
};
static const ProtobufCIntRange imprag__text_list__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 1 }
};
const ProtobufCMessageDescriptor imprag__text_list__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.TextList",
  "TextList",
  "Imprag__TextList",
  "imprag",
  sizeof(Imprag__TextList),
  1,
  imprag__text_list__field_descriptors,
  imprag__text_list__field_indices_by_name,
  1,  imprag__text_list__number_ranges,
  (ProtobufCMessageInit) imprag__text_list__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__scored_passage__field_descriptors[5] =
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
  {
    "by_vector",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__ScoredPassage, by_vector),
    &imprag__list_place__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "by_words",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__ScoredPassage, by_words),
    &imprag__list_place__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__scored_passage__field_indices_by_name[] = {
  3,   /* field[3] = by_vector */
  4,   /* field[4] = by_words */
  0,   /* field[0] = passage */
  2,   /* field[2] = rank */
  1,   /* field[1] = score */
};
static const ProtobufCIntRange imprag__scored_passage__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__scored_passage__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ScoredPassage",
  "ScoredPassage",
  "Imprag__ScoredPassage",
  "imprag",
  sizeof(Imprag__ScoredPassage),
  5,
  imprag__scored_passage__field_descriptors,
  imprag__scored_passage__field_indices_by_name,
  1,  imprag__scored_passage__number_ranges,
  (ProtobufCMessageInit) imprag__scored_passage__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__list_place__field_descriptors[2] =
{
  {
    "score",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_FLOAT,
    0,   /* quantifier_offset */
    offsetof(Imprag__ListPlace, score),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "rank",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__ListPlace, rank),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__list_place__field_indices_by_name[] = {
  1,   /* field[1] = rank */
  0,   /* field[0] = score */
};
static const ProtobufCIntRange imprag__list_place__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__list_place__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ListPlace",
  "ListPlace",
  "Imprag__ListPlace",
  "imprag",
  sizeof(Imprag__ListPlace),
  2,
  imprag__list_place__field_descriptors,
  imprag__list_place__field_indices_by_name,
  1,  imprag__list_place__number_ranges,
  (ProtobufCMessageInit) imprag__list_place__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__filter__field_descriptors[6] =
{
  {
    "equals",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Filter, condition_case),
    offsetof(Imprag__Filter, equals),
    &imprag__field_equals__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "is_one_of",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Filter, condition_case),
    offsetof(Imprag__Filter, is_one_of),
    &imprag__field_is_one_of__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "range",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Filter, condition_case),
    offsetof(Imprag__Filter, range),
    &imprag__field_range__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "all",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Filter, condition_case),
    offsetof(Imprag__Filter, all),
    &imprag__filter_list__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "any",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Filter, condition_case),
    offsetof(Imprag__Filter, any),
    &imprag__filter_list__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "negated",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Filter, condition_case),
    offsetof(Imprag__Filter, negated),
    &imprag__filter__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__filter__field_indices_by_name[] = {
  3,   /* field[3] = all */
  4,   /* field[4] = any */
  0,   /* field[0] = equals */
  1,   /* field[1] = is_one_of */
  5,   /* field[5] = negated */
  2,   /* field[2] = range */
};
static const ProtobufCIntRange imprag__filter__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 6 }
};
const ProtobufCMessageDescriptor imprag__filter__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Filter",
  "Filter",
  "Imprag__Filter",
  "imprag",
  sizeof(Imprag__Filter),
  6,
  imprag__filter__field_descriptors,
  imprag__filter__field_indices_by_name,
  1,  imprag__filter__number_ranges,
  (ProtobufCMessageInit) imprag__filter__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__filter_list__field_descriptors[1] =
{
  {
    "filters",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__FilterList, n_filters),
    offsetof(Imprag__FilterList, filters),
    &imprag__filter__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__filter_list__field_indices_by_name[] = {
  0,   /* field[0] = filters */
};
static const ProtobufCIntRange imprag__filter_list__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 1 }
};
const ProtobufCMessageDescriptor imprag__filter_list__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.FilterList",
  "FilterList",
  "Imprag__FilterList",
  "imprag",
  sizeof(Imprag__FilterList),
  1,
  imprag__filter_list__field_descriptors,
  imprag__filter_list__field_indices_by_name,
  1,  imprag__filter_list__number_ranges,
  (ProtobufCMessageInit) imprag__filter_list__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__filter_scalar__field_descriptors[3] =
{
  {
    "text",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__FilterScalar, value_case),
    offsetof(Imprag__FilterScalar, text),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "number",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__FilterScalar, value_case),
    offsetof(Imprag__FilterScalar, number),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "integer",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_INT64,
    offsetof(Imprag__FilterScalar, value_case),
    offsetof(Imprag__FilterScalar, integer),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__filter_scalar__field_indices_by_name[] = {
  2,   /* field[2] = integer */
  1,   /* field[1] = number */
  0,   /* field[0] = text */
};
static const ProtobufCIntRange imprag__filter_scalar__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__filter_scalar__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.FilterScalar",
  "FilterScalar",
  "Imprag__FilterScalar",
  "imprag",
  sizeof(Imprag__FilterScalar),
  3,
  imprag__filter_scalar__field_descriptors,
  imprag__filter_scalar__field_indices_by_name,
  1,  imprag__filter_scalar__number_ranges,
  (ProtobufCMessageInit) imprag__filter_scalar__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__field_equals__field_descriptors[2] =
{
  {
    "field",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__FieldEquals, field),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "value",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__FieldEquals, value),
    &imprag__filter_scalar__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__field_equals__field_indices_by_name[] = {
  0,   /* field[0] = field */
  1,   /* field[1] = value */
};
static const ProtobufCIntRange imprag__field_equals__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__field_equals__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.FieldEquals",
  "FieldEquals",
  "Imprag__FieldEquals",
  "imprag",
  sizeof(Imprag__FieldEquals),
  2,
  imprag__field_equals__field_descriptors,
  imprag__field_equals__field_indices_by_name,
  1,  imprag__field_equals__number_ranges,
  (ProtobufCMessageInit) imprag__field_equals__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__field_is_one_of__field_descriptors[2] =
{
  {
    "field",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__FieldIsOneOf, field),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "values",
    2,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__FieldIsOneOf, n_values),
    offsetof(Imprag__FieldIsOneOf, values),
    &imprag__filter_scalar__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__field_is_one_of__field_indices_by_name[] = {
  0,   /* field[0] = field */
  1,   /* field[1] = values */
};
static const ProtobufCIntRange imprag__field_is_one_of__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__field_is_one_of__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.FieldIsOneOf",
  "FieldIsOneOf",
  "Imprag__FieldIsOneOf",
  "imprag",
  sizeof(Imprag__FieldIsOneOf),
  2,
  imprag__field_is_one_of__field_descriptors,
  imprag__field_is_one_of__field_indices_by_name,
  1,  imprag__field_is_one_of__number_ranges,
  (ProtobufCMessageInit) imprag__field_is_one_of__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__field_range__field_descriptors[3] =
{
  {
    "field",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__FieldRange, field),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "lower",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__FieldRange, lower),
    &imprag__filter_bound__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "upper",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__FieldRange, upper),
    &imprag__filter_bound__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__field_range__field_indices_by_name[] = {
  0,   /* field[0] = field */
  1,   /* field[1] = lower */
  2,   /* field[2] = upper */
};
static const ProtobufCIntRange imprag__field_range__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__field_range__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.FieldRange",
  "FieldRange",
  "Imprag__FieldRange",
  "imprag",
  sizeof(Imprag__FieldRange),
  3,
  imprag__field_range__field_descriptors,
  imprag__field_range__field_indices_by_name,
  1,  imprag__field_range__number_ranges,
  (ProtobufCMessageInit) imprag__field_range__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__filter_bound__field_descriptors[3] =
{
  {
    "value",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    0,   /* quantifier_offset */
    offsetof(Imprag__FilterBound, value),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "inclusive",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__FilterBound, inclusive),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "integer",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_INT64,
    offsetof(Imprag__FilterBound, integer_presence_case),
    offsetof(Imprag__FilterBound, integer),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__filter_bound__field_indices_by_name[] = {
  1,   /* field[1] = inclusive */
  2,   /* field[2] = integer */
  0,   /* field[0] = value */
};
static const ProtobufCIntRange imprag__filter_bound__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__filter_bound__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.FilterBound",
  "FilterBound",
  "Imprag__FilterBound",
  "imprag",
  sizeof(Imprag__FilterBound),
  3,
  imprag__filter_bound__field_descriptors,
  imprag__filter_bound__field_indices_by_name,
  1,  imprag__filter_bound__number_ranges,
  (ProtobufCMessageInit) imprag__filter_bound__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__search_options__field_descriptors[6] =
{
  {
    "exact",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchOptions, exact),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "recall",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__SearchOptions, recall_presence_case),
    offsetof(Imprag__SearchOptions, recall),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "probes",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__SearchOptions, probes_presence_case),
    offsetof(Imprag__SearchOptions, probes),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "candidates",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__SearchOptions, candidates_presence_case),
    offsetof(Imprag__SearchOptions, candidates),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "filter",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchOptions, filter),
    &imprag__filter__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "min_epoch",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchOptions, min_epoch),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__search_options__field_indices_by_name[] = {
  3,   /* field[3] = candidates */
  0,   /* field[0] = exact */
  4,   /* field[4] = filter */
  5,   /* field[5] = min_epoch */
  2,   /* field[2] = probes */
  1,   /* field[1] = recall */
};
static const ProtobufCIntRange imprag__search_options__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 6 }
};
const ProtobufCMessageDescriptor imprag__search_options__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.SearchOptions",
  "SearchOptions",
  "Imprag__SearchOptions",
  "imprag",
  sizeof(Imprag__SearchOptions),
  6,
  imprag__search_options__field_descriptors,
  imprag__search_options__field_indices_by_name,
  1,  imprag__search_options__number_ranges,
  (ProtobufCMessageInit) imprag__search_options__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__shard_outcome__field_descriptors[8] =
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
  {
    "duration_us",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardOutcome, duration_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "search_us",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardOutcome, search_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "turn",
    7,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardOutcome, turn),
    &imprag__shard_turn__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "partitions",
    8,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__ShardOutcome, n_partitions),
    offsetof(Imprag__ShardOutcome, partitions),
    &imprag__partition_figures__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__shard_outcome__field_indices_by_name[] = {
  4,   /* field[4] = duration_us */
  2,   /* field[2] = message */
  0,   /* field[0] = name */
  7,   /* field[7] = partitions */
  3,   /* field[3] = passages_searched */
  5,   /* field[5] = search_us */
  1,   /* field[1] = state */
  6,   /* field[6] = turn */
};
static const ProtobufCIntRange imprag__shard_outcome__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 8 }
};
const ProtobufCMessageDescriptor imprag__shard_outcome__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ShardOutcome",
  "ShardOutcome",
  "Imprag__ShardOutcome",
  "imprag",
  sizeof(Imprag__ShardOutcome),
  8,
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
static const ProtobufCFieldDescriptor imprag__ask_request__field_descriptors[14] =
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
  {
    "options",
    7,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRequest, options),
    &imprag__search_options__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "words",
    8,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRequest, words),
    &imprag__words_mode__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "words_weight",
    9,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__AskRequest, words_weight_presence_case),
    offsetof(Imprag__AskRequest, words_weight),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "messages",
    10,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__AskRequest, n_messages),
    offsetof(Imprag__AskRequest, messages),
    &imprag__chat_message__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "speculate",
    13,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    offsetof(Imprag__AskRequest, speculate_presence_case),
    offsetof(Imprag__AskRequest, speculate),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "top_logprobs",
    14,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__AskRequest, top_logprobs_presence_case),
    offsetof(Imprag__AskRequest, top_logprobs),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "token_attention",
    15,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    offsetof(Imprag__AskRequest, token_attention_presence_case),
    offsetof(Imprag__AskRequest, token_attention),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "abstain",
    16,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    offsetof(Imprag__AskRequest, abstain_presence_case),
    offsetof(Imprag__AskRequest, abstain),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__ask_request__field_indices_by_name[] = {
  13,   /* field[13] = abstain */
  4,   /* field[4] = completeness */
  2,   /* field[2] = encoding */
  1,   /* field[1] = k */
  9,   /* field[9] = messages */
  5,   /* field[5] = omit_passage_text */
  6,   /* field[6] = options */
  0,   /* field[0] = prompt */
  3,   /* field[3] = sampling */
  10,   /* field[10] = speculate */
  12,   /* field[12] = token_attention */
  11,   /* field[11] = top_logprobs */
  7,   /* field[7] = words */
  8,   /* field[8] = words_weight */
};
static const ProtobufCIntRange imprag__ask_request__number_ranges[2 + 1] =
{
  { 1, 0 },
  { 13, 10 },
  { 0, 14 }
};
const ProtobufCMessageDescriptor imprag__ask_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.AskRequest",
  "AskRequest",
  "Imprag__AskRequest",
  "imprag",
  sizeof(Imprag__AskRequest),
  14,
  imprag__ask_request__field_descriptors,
  imprag__ask_request__field_indices_by_name,
  2,  imprag__ask_request__number_ranges,
  (ProtobufCMessageInit) imprag__ask_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__chat_message__field_descriptors[2] =
{
  {
    "role",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__ChatMessage, role),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "content",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__ChatMessage, content),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__chat_message__field_indices_by_name[] = {
  1,   /* field[1] = content */
  0,   /* field[0] = role */
};
static const ProtobufCIntRange imprag__chat_message__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__chat_message__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ChatMessage",
  "ChatMessage",
  "Imprag__ChatMessage",
  "imprag",
  sizeof(Imprag__ChatMessage),
  2,
  imprag__chat_message__field_descriptors,
  imprag__chat_message__field_indices_by_name,
  1,  imprag__chat_message__number_ranges,
  (ProtobufCMessageInit) imprag__chat_message__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__ask_sources__field_descriptors[4] =
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
  {
    "filter_applied",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskSources, filter_applied),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "words_searched",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskSources, words_searched),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__ask_sources__field_indices_by_name[] = {
  1,   /* field[1] = completeness */
  2,   /* field[2] = filter_applied */
  0,   /* field[0] = passages */
  3,   /* field[3] = words_searched */
};
static const ProtobufCIntRange imprag__ask_sources__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 4 }
};
const ProtobufCMessageDescriptor imprag__ask_sources__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.AskSources",
  "AskSources",
  "Imprag__AskSources",
  "imprag",
  sizeof(Imprag__AskSources),
  4,
  imprag__ask_sources__field_descriptors,
  imprag__ask_sources__field_indices_by_name,
  1,  imprag__ask_sources__number_ranges,
  (ProtobufCMessageInit) imprag__ask_sources__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__token__field_descriptors[5] =
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
  {
    "alternatives",
    6,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__Token, n_alternatives),
    offsetof(Imprag__Token, alternatives),
    &imprag__token_candidate__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passage_attention",
    8,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_FLOAT,
    offsetof(Imprag__Token, n_passage_attention),
    offsetof(Imprag__Token, passage_attention),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__token__field_indices_by_name[] = {
  3,   /* field[3] = alternatives */
  2,   /* field[2] = logprob */
  4,   /* field[4] = passage_attention */
  0,   /* field[0] = text */
  1,   /* field[1] = token */
};
static const ProtobufCIntRange imprag__token__number_ranges[3 + 1] =
{
  { 1, 0 },
  { 6, 3 },
  { 8, 4 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__token__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Token",
  "Token",
  "Imprag__Token",
  "imprag",
  sizeof(Imprag__Token),
  5,
  imprag__token__field_descriptors,
  imprag__token__field_indices_by_name,
  3,  imprag__token__number_ranges,
  (ProtobufCMessageInit) imprag__token__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__token_candidate__field_descriptors[3] =
{
  {
    "token",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_INT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__TokenCandidate, token),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "text",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__TokenCandidate, text),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "logprob",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_FLOAT,
    0,   /* quantifier_offset */
    offsetof(Imprag__TokenCandidate, logprob),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__token_candidate__field_indices_by_name[] = {
  2,   /* field[2] = logprob */
  1,   /* field[1] = text */
  0,   /* field[0] = token */
};
static const ProtobufCIntRange imprag__token_candidate__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__token_candidate__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.TokenCandidate",
  "TokenCandidate",
  "Imprag__TokenCandidate",
  "imprag",
  sizeof(Imprag__TokenCandidate),
  3,
  imprag__token_candidate__field_descriptors,
  imprag__token_candidate__field_indices_by_name,
  1,  imprag__token_candidate__number_ranges,
  (ProtobufCMessageInit) imprag__token_candidate__init,
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
static const ProtobufCFieldDescriptor imprag__arithmetic__field_descriptors[3] =
{
  {
    "build",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Arithmetic, build),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "compute",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Arithmetic, compute),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "kernels",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__Arithmetic, kernels),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__arithmetic__field_indices_by_name[] = {
  0,   /* field[0] = build */
  1,   /* field[1] = compute */
  2,   /* field[2] = kernels */
};
static const ProtobufCIntRange imprag__arithmetic__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__arithmetic__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.Arithmetic",
  "Arithmetic",
  "Imprag__Arithmetic",
  "imprag",
  sizeof(Imprag__Arithmetic),
  3,
  imprag__arithmetic__field_descriptors,
  imprag__arithmetic__field_indices_by_name,
  1,  imprag__arithmetic__number_ranges,
  (ProtobufCMessageInit) imprag__arithmetic__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__ask_record__field_descriptors[13] =
{
  {
    "fingerprint",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, fingerprint),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "build",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, build),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "compute",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, compute),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "kernels",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, kernels),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "collection_id",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, collection_id),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "collection_name",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, collection_name),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "k",
    7,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, k),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "encoding",
    8,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, encoding),
    &imprag__passage_encoding__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "words_weight",
    9,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__AskRecord, words_weight_presence_case),
    offsetof(Imprag__AskRecord, words_weight),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "sampling",
    10,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, sampling),
    &imprag__sampling__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "partitions",
    11,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__AskRecord, n_partitions),
    offsetof(Imprag__AskRecord, partitions),
    &imprag__partition_figures__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "abstains",
    12,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, abstains),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "generator",
    60,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskRecord, generator),
    &imprag__arithmetic__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__ask_record__field_indices_by_name[] = {
  11,   /* field[11] = abstains */
  1,   /* field[1] = build */
  4,   /* field[4] = collection_id */
  5,   /* field[5] = collection_name */
  2,   /* field[2] = compute */
  7,   /* field[7] = encoding */
  0,   /* field[0] = fingerprint */
  12,   /* field[12] = generator */
  6,   /* field[6] = k */
  3,   /* field[3] = kernels */
  10,   /* field[10] = partitions */
  9,   /* field[9] = sampling */
  8,   /* field[8] = words_weight */
};
static const ProtobufCIntRange imprag__ask_record__number_ranges[2 + 1] =
{
  { 1, 0 },
  { 60, 12 },
  { 0, 13 }
};
const ProtobufCMessageDescriptor imprag__ask_record__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.AskRecord",
  "AskRecord",
  "Imprag__AskRecord",
  "imprag",
  sizeof(Imprag__AskRecord),
  13,
  imprag__ask_record__field_descriptors,
  imprag__ask_record__field_indices_by_name,
  2,  imprag__ask_record__number_ranges,
  (ProtobufCMessageInit) imprag__ask_record__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__ask_done__field_descriptors[12] =
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
  {
    "proposed_tokens",
    7,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, proposed_tokens),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "accepted_tokens",
    8,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, accepted_tokens),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "abstained",
    10,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, abstained),
    &imprag__abstain_reason__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "why",
    11,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, why),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "record",
    12,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, record),
    &imprag__ask_record__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "abstain_notice",
    13,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__AskDone, abstain_notice),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__ask_done__field_indices_by_name[] = {
  11,   /* field[11] = abstain_notice */
  8,   /* field[8] = abstained */
  7,   /* field[7] = accepted_tokens */
  5,   /* field[5] = completeness */
  0,   /* field[0] = finish */
  3,   /* field[3] = generated_tokens */
  1,   /* field[1] = passage_attention */
  2,   /* field[2] = prompt_tokens */
  6,   /* field[6] = proposed_tokens */
  10,   /* field[10] = record */
  4,   /* field[4] = timings */
  9,   /* field[9] = why */
};
static const ProtobufCIntRange imprag__ask_done__number_ranges[2 + 1] =
{
  { 1, 0 },
  { 10, 8 },
  { 0, 12 }
};
const ProtobufCMessageDescriptor imprag__ask_done__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.AskDone",
  "AskDone",
  "Imprag__AskDone",
  "imprag",
  sizeof(Imprag__AskDone),
  12,
  imprag__ask_done__field_descriptors,
  imprag__ask_done__field_indices_by_name,
  2,  imprag__ask_done__number_ranges,
  (ProtobufCMessageInit) imprag__ask_done__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__search_request__field_descriptors[6] =
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
  {
    "options",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchRequest, options),
    &imprag__search_options__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "words",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchRequest, words),
    &imprag__words_mode__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "words_weight",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__SearchRequest, words_weight_presence_case),
    offsetof(Imprag__SearchRequest, words_weight),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__search_request__field_indices_by_name[] = {
  2,   /* field[2] = completeness */
  1,   /* field[1] = k */
  3,   /* field[3] = options */
  0,   /* field[0] = prompt */
  4,   /* field[4] = words */
  5,   /* field[5] = words_weight */
};
static const ProtobufCIntRange imprag__search_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 6 }
};
const ProtobufCMessageDescriptor imprag__search_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.SearchRequest",
  "SearchRequest",
  "Imprag__SearchRequest",
  "imprag",
  sizeof(Imprag__SearchRequest),
  6,
  imprag__search_request__field_descriptors,
  imprag__search_request__field_indices_by_name,
  1,  imprag__search_request__number_ranges,
  (ProtobufCMessageInit) imprag__search_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__search_reply__field_descriptors[5] =
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
  {
    "filter_applied",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchReply, filter_applied),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "words_searched",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__SearchReply, words_searched),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__search_reply__field_indices_by_name[] = {
  1,   /* field[1] = completeness */
  3,   /* field[3] = filter_applied */
  0,   /* field[0] = passages */
  2,   /* field[2] = timings */
  4,   /* field[4] = words_searched */
};
static const ProtobufCIntRange imprag__search_reply__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__search_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.SearchReply",
  "SearchReply",
  "Imprag__SearchReply",
  "imprag",
  sizeof(Imprag__SearchReply),
  5,
  imprag__search_reply__field_descriptors,
  imprag__search_reply__field_indices_by_name,
  1,  imprag__search_reply__number_ranges,
  (ProtobufCMessageInit) imprag__search_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__embed_request__field_descriptors[2] =
{
  {
    "texts",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__EmbedRequest, n_texts),
    offsetof(Imprag__EmbedRequest, texts),
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
    offsetof(Imprag__EmbedRequest, role),
    &imprag__embed_role__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__embed_request__field_indices_by_name[] = {
  1,   /* field[1] = role */
  0,   /* field[0] = texts */
};
static const ProtobufCIntRange imprag__embed_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__embed_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.EmbedRequest",
  "EmbedRequest",
  "Imprag__EmbedRequest",
  "imprag",
  sizeof(Imprag__EmbedRequest),
  2,
  imprag__embed_request__field_descriptors,
  imprag__embed_request__field_indices_by_name,
  1,  imprag__embed_request__number_ranges,
  (ProtobufCMessageInit) imprag__embed_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__embed_reply__field_descriptors[2] =
{
  {
    "tokens",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__EmbedReply, n_tokens),
    offsetof(Imprag__EmbedReply, tokens),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "cut",
    2,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_BOOL,
    offsetof(Imprag__EmbedReply, n_cut),
    offsetof(Imprag__EmbedReply, cut),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__embed_reply__field_indices_by_name[] = {
  1,   /* field[1] = cut */
  0,   /* field[0] = tokens */
};
static const ProtobufCIntRange imprag__embed_reply__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__embed_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.EmbedReply",
  "EmbedReply",
  "Imprag__EmbedReply",
  "imprag",
  sizeof(Imprag__EmbedReply),
  2,
  imprag__embed_reply__field_descriptors,
  imprag__embed_reply__field_indices_by_name,
  1,  imprag__embed_reply__number_ranges,
  (ProtobufCMessageInit) imprag__embed_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__upsert_request__field_descriptors[3] =
{
  {
    "passages",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__UpsertRequest, n_passages),
    offsetof(Imprag__UpsertRequest, passages),
    &imprag__passage__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "wait",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__UpsertRequest, wait),
    &imprag__update_wait__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "update_key",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__UpsertRequest, update_key),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__upsert_request__field_indices_by_name[] = {
  0,   /* field[0] = passages */
  2,   /* field[2] = update_key */
  1,   /* field[1] = wait */
};
static const ProtobufCIntRange imprag__upsert_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__upsert_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.UpsertRequest",
  "UpsertRequest",
  "Imprag__UpsertRequest",
  "imprag",
  sizeof(Imprag__UpsertRequest),
  3,
  imprag__upsert_request__field_descriptors,
  imprag__upsert_request__field_indices_by_name,
  1,  imprag__upsert_request__number_ranges,
  (ProtobufCMessageInit) imprag__upsert_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__upsert_reply__field_descriptors[5] =
{
  {
    "replaced",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__UpsertReply, replaced),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "inserted",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__UpsertReply, inserted),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "cut",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__UpsertReply, cut),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "epoch",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__UpsertReply, epoch),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "found",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__UpsertReply, found),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__upsert_reply__field_indices_by_name[] = {
  2,   /* field[2] = cut */
  3,   /* field[3] = epoch */
  4,   /* field[4] = found */
  1,   /* field[1] = inserted */
  0,   /* field[0] = replaced */
};
static const ProtobufCIntRange imprag__upsert_reply__number_ranges[2 + 1] =
{
  { 1, 0 },
  { 5, 3 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__upsert_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.UpsertReply",
  "UpsertReply",
  "Imprag__UpsertReply",
  "imprag",
  sizeof(Imprag__UpsertReply),
  5,
  imprag__upsert_reply__field_descriptors,
  imprag__upsert_reply__field_indices_by_name,
  2,  imprag__upsert_reply__number_ranges,
  (ProtobufCMessageInit) imprag__upsert_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__delete_request__field_descriptors[3] =
{
  {
    "ids",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__DeleteRequest, n_ids),
    offsetof(Imprag__DeleteRequest, ids),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "wait",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_ENUM,
    0,   /* quantifier_offset */
    offsetof(Imprag__DeleteRequest, wait),
    &imprag__update_wait__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "update_key",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__DeleteRequest, update_key),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__delete_request__field_indices_by_name[] = {
  0,   /* field[0] = ids */
  2,   /* field[2] = update_key */
  1,   /* field[1] = wait */
};
static const ProtobufCIntRange imprag__delete_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__delete_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.DeleteRequest",
  "DeleteRequest",
  "Imprag__DeleteRequest",
  "imprag",
  sizeof(Imprag__DeleteRequest),
  3,
  imprag__delete_request__field_descriptors,
  imprag__delete_request__field_indices_by_name,
  1,  imprag__delete_request__number_ranges,
  (ProtobufCMessageInit) imprag__delete_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__delete_reply__field_descriptors[3] =
{
  {
    "deleted",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__DeleteReply, deleted),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "epoch",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__DeleteReply, epoch),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "found",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__DeleteReply, found),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__delete_reply__field_indices_by_name[] = {
  0,   /* field[0] = deleted */
  1,   /* field[1] = epoch */
  2,   /* field[2] = found */
};
static const ProtobufCIntRange imprag__delete_reply__number_ranges[2 + 1] =
{
  { 1, 0 },
  { 3, 1 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__delete_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.DeleteReply",
  "DeleteReply",
  "Imprag__DeleteReply",
  "imprag",
  sizeof(Imprag__DeleteReply),
  3,
  imprag__delete_reply__field_descriptors,
  imprag__delete_reply__field_indices_by_name,
  2,  imprag__delete_reply__number_ranges,
  (ProtobufCMessageInit) imprag__delete_reply__init,
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
static const ProtobufCFieldDescriptor imprag__node_status__field_descriptors[12] =
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
  {
    "partitions",
    19,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__NodeStatus, n_partitions),
    offsetof(Imprag__NodeStatus, partitions),
    &imprag__partition_figures__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "samples",
    20,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__NodeStatus, n_samples),
    offsetof(Imprag__NodeStatus, samples),
    &imprag__metric_sample__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "epoch",
    21,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, epoch),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "collection",
    22,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, collection),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "aliases",
    23,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__NodeStatus, n_aliases),
    offsetof(Imprag__NodeStatus, aliases),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "dimension",
    24,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__NodeStatus, dimension),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__node_status__field_indices_by_name[] = {
  10,   /* field[10] = aliases */
  9,   /* field[9] = collection */
  5,   /* field[5] = detail */
  11,   /* field[11] = dimension */
  8,   /* field[8] = epoch */
  4,   /* field[4] = fingerprint */
  0,   /* field[0] = name */
  6,   /* field[6] = partitions */
  3,   /* field[3] = passages */
  1,   /* field[1] = role */
  7,   /* field[7] = samples */
  2,   /* field[2] = state */
};
static const ProtobufCIntRange imprag__node_status__number_ranges[3 + 1] =
{
  { 1, 0 },
  { 10, 4 },
  { 19, 6 },
  { 0, 12 }
};
const ProtobufCMessageDescriptor imprag__node_status__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.NodeStatus",
  "NodeStatus",
  "Imprag__NodeStatus",
  "imprag",
  sizeof(Imprag__NodeStatus),
  12,
  imprag__node_status__field_descriptors,
  imprag__node_status__field_indices_by_name,
  3,  imprag__node_status__number_ranges,
  (ProtobufCMessageInit) imprag__node_status__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__metric_sample__field_descriptors[5] =
{
  {
    "name",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__MetricSample, name),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "labels",
    2,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__MetricSample, n_labels),
    offsetof(Imprag__MetricSample, labels),
    &imprag__metric_label__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "counter",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    offsetof(Imprag__MetricSample, value_case),
    offsetof(Imprag__MetricSample, counter),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "gauge",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__MetricSample, value_case),
    offsetof(Imprag__MetricSample, gauge),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "histogram",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__MetricSample, value_case),
    offsetof(Imprag__MetricSample, histogram),
    &imprag__histogram_figures__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__metric_sample__field_indices_by_name[] = {
  2,   /* field[2] = counter */
  3,   /* field[3] = gauge */
  4,   /* field[4] = histogram */
  1,   /* field[1] = labels */
  0,   /* field[0] = name */
};
static const ProtobufCIntRange imprag__metric_sample__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__metric_sample__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.MetricSample",
  "MetricSample",
  "Imprag__MetricSample",
  "imprag",
  sizeof(Imprag__MetricSample),
  5,
  imprag__metric_sample__field_descriptors,
  imprag__metric_sample__field_indices_by_name,
  1,  imprag__metric_sample__number_ranges,
  (ProtobufCMessageInit) imprag__metric_sample__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__metric_label__field_descriptors[2] =
{
  {
    "name",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__MetricLabel, name),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "value",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__MetricLabel, value),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__metric_label__field_indices_by_name[] = {
  0,   /* field[0] = name */
  1,   /* field[1] = value */
};
static const ProtobufCIntRange imprag__metric_label__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__metric_label__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.MetricLabel",
  "MetricLabel",
  "Imprag__MetricLabel",
  "imprag",
  sizeof(Imprag__MetricLabel),
  2,
  imprag__metric_label__field_descriptors,
  imprag__metric_label__field_indices_by_name,
  1,  imprag__metric_label__number_ranges,
  (ProtobufCMessageInit) imprag__metric_label__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__histogram_figures__field_descriptors[3] =
{
  {
    "bounds",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__HistogramFigures, n_bounds),
    offsetof(Imprag__HistogramFigures, bounds),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "counts",
    2,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_UINT64,
    offsetof(Imprag__HistogramFigures, n_counts),
    offsetof(Imprag__HistogramFigures, counts),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "sum",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    0,   /* quantifier_offset */
    offsetof(Imprag__HistogramFigures, sum),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__histogram_figures__field_indices_by_name[] = {
  0,   /* field[0] = bounds */
  1,   /* field[1] = counts */
  2,   /* field[2] = sum */
};
static const ProtobufCIntRange imprag__histogram_figures__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 3 }
};
const ProtobufCMessageDescriptor imprag__histogram_figures__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.HistogramFigures",
  "HistogramFigures",
  "Imprag__HistogramFigures",
  "imprag",
  sizeof(Imprag__HistogramFigures),
  3,
  imprag__histogram_figures__field_descriptors,
  imprag__histogram_figures__field_indices_by_name,
  1,  imprag__histogram_figures__number_ranges,
  (ProtobufCMessageInit) imprag__histogram_figures__init,
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
static const ProtobufCFieldDescriptor imprag__shard_search_request__field_descriptors[5] =
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
  {
    "options",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardSearchRequest, options),
    &imprag__search_options__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "words",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardSearchRequest, words),
    &imprag__words_query__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "partitions",
    4,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__ShardSearchRequest, n_partitions),
    offsetof(Imprag__ShardSearchRequest, partitions),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "client",
    70,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_FIXED64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardSearchRequest, client),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__shard_search_request__field_indices_by_name[] = {
  4,   /* field[4] = client */
  0,   /* field[0] = k */
  1,   /* field[1] = options */
  3,   /* field[3] = partitions */
  2,   /* field[2] = words */
};
static const ProtobufCIntRange imprag__shard_search_request__number_ranges[2 + 1] =
{
  { 1, 0 },
  { 70, 4 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__shard_search_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ShardSearchRequest",
  "ShardSearchRequest",
  "Imprag__ShardSearchRequest",
  "imprag",
  sizeof(Imprag__ShardSearchRequest),
  5,
  imprag__shard_search_request__field_descriptors,
  imprag__shard_search_request__field_indices_by_name,
  2,  imprag__shard_search_request__number_ranges,
  (ProtobufCMessageInit) imprag__shard_search_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__words_query__field_descriptors[2] =
{
  {
    "text",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BYTES,
    0,   /* quantifier_offset */
    offsetof(Imprag__WordsQuery, text),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "count",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__WordsQuery, count),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__words_query__field_indices_by_name[] = {
  1,   /* field[1] = count */
  0,   /* field[0] = text */
};
static const ProtobufCIntRange imprag__words_query__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__words_query__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.WordsQuery",
  "WordsQuery",
  "Imprag__WordsQuery",
  "imprag",
  sizeof(Imprag__WordsQuery),
  2,
  imprag__words_query__field_descriptors,
  imprag__words_query__field_indices_by_name,
  1,  imprag__words_query__number_ranges,
  (ProtobufCMessageInit) imprag__words_query__init,
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
static const ProtobufCFieldDescriptor imprag__shard_search_reply__field_descriptors[6] =
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
  {
    "filter_applied",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardSearchReply, filter_applied),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "words",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardSearchReply, words),
    &imprag__shard_words__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "partitions",
    5,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__ShardSearchReply, n_partitions),
    offsetof(Imprag__ShardSearchReply, partitions),
    &imprag__partition_figures__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "search_us",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardSearchReply, search_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__shard_search_reply__field_indices_by_name[] = {
  2,   /* field[2] = filter_applied */
  4,   /* field[4] = partitions */
  1,   /* field[1] = passages_searched */
  0,   /* field[0] = queries */
  5,   /* field[5] = search_us */
  3,   /* field[3] = words */
};
static const ProtobufCIntRange imprag__shard_search_reply__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 6 }
};
const ProtobufCMessageDescriptor imprag__shard_search_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ShardSearchReply",
  "ShardSearchReply",
  "Imprag__ShardSearchReply",
  "imprag",
  sizeof(Imprag__ShardSearchReply),
  6,
  imprag__shard_search_reply__field_descriptors,
  imprag__shard_search_reply__field_indices_by_name,
  1,  imprag__shard_search_reply__number_ranges,
  (ProtobufCMessageInit) imprag__shard_search_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__partition_figures__field_descriptors[4] =
{
  {
    "partition",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__PartitionFigures, partition),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passages",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__PartitionFigures, passages),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "epoch",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__PartitionFigures, epoch),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "search_us",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__PartitionFigures, search_us),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__partition_figures__field_indices_by_name[] = {
  2,   /* field[2] = epoch */
  0,   /* field[0] = partition */
  1,   /* field[1] = passages */
  3,   /* field[3] = search_us */
};
static const ProtobufCIntRange imprag__partition_figures__number_ranges[2 + 1] =
{
  { 1, 0 },
  { 4, 2 },
  { 0, 4 }
};
const ProtobufCMessageDescriptor imprag__partition_figures__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.PartitionFigures",
  "PartitionFigures",
  "Imprag__PartitionFigures",
  "imprag",
  sizeof(Imprag__PartitionFigures),
  4,
  imprag__partition_figures__field_descriptors,
  imprag__partition_figures__field_indices_by_name,
  2,  imprag__partition_figures__number_ranges,
  (ProtobufCMessageInit) imprag__partition_figures__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__shard_words__field_descriptors[6] =
{
  {
    "terms",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__ShardWords, n_terms),
    offsetof(Imprag__ShardWords, terms),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passages",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardWords, passages),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "tokens",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardWords, tokens),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "passages_with_term",
    4,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_UINT64,
    offsetof(Imprag__ShardWords, n_passages_with_term),
    offsetof(Imprag__ShardWords, passages_with_term),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "hits",
    5,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__ShardWords, n_hits),
    offsetof(Imprag__ShardWords, hits),
    &imprag__shard_word_hit__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "weight",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_DOUBLE,
    offsetof(Imprag__ShardWords, weight_presence_case),
    offsetof(Imprag__ShardWords, weight),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__shard_words__field_indices_by_name[] = {
  4,   /* field[4] = hits */
  1,   /* field[1] = passages */
  3,   /* field[3] = passages_with_term */
  0,   /* field[0] = terms */
  2,   /* field[2] = tokens */
  5,   /* field[5] = weight */
};
static const ProtobufCIntRange imprag__shard_words__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 6 }
};
const ProtobufCMessageDescriptor imprag__shard_words__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ShardWords",
  "ShardWords",
  "Imprag__ShardWords",
  "imprag",
  sizeof(Imprag__ShardWords),
  6,
  imprag__shard_words__field_descriptors,
  imprag__shard_words__field_indices_by_name,
  1,  imprag__shard_words__number_ranges,
  (ProtobufCMessageInit) imprag__shard_words__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__shard_word_hit__field_descriptors[5] =
{
  {
    "passage",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardWordHit, passage),
    &imprag__passage__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "frequencies",
    2,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__ShardWordHit, n_frequencies),
    offsetof(Imprag__ShardWordHit, frequencies),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "length",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardWordHit, length),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "title_terms",
    4,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__ShardWordHit, n_title_terms),
    offsetof(Imprag__ShardWordHit, title_terms),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "title_count",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__ShardWordHit, title_count),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__shard_word_hit__field_indices_by_name[] = {
  1,   /* field[1] = frequencies */
  2,   /* field[2] = length */
  0,   /* field[0] = passage */
  4,   /* field[4] = title_count */
  3,   /* field[3] = title_terms */
};
static const ProtobufCIntRange imprag__shard_word_hit__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 5 }
};
const ProtobufCMessageDescriptor imprag__shard_word_hit__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ShardWordHit",
  "ShardWordHit",
  "Imprag__ShardWordHit",
  "imprag",
  sizeof(Imprag__ShardWordHit),
  5,
  imprag__shard_word_hit__field_descriptors,
  imprag__shard_word_hit__field_indices_by_name,
  1,  imprag__shard_word_hit__number_ranges,
  (ProtobufCMessageInit) imprag__shard_word_hit__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__apply_request__field_descriptors[2] =
{
  {
    "epoch",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ApplyRequest, epoch),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "update",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__ApplyRequest, update_presence_case),
    offsetof(Imprag__ApplyRequest, update),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__apply_request__field_indices_by_name[] = {
  0,   /* field[0] = epoch */
  1,   /* field[1] = update */
};
static const ProtobufCIntRange imprag__apply_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__apply_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ApplyRequest",
  "ApplyRequest",
  "Imprag__ApplyRequest",
  "imprag",
  sizeof(Imprag__ApplyRequest),
  2,
  imprag__apply_request__field_descriptors,
  imprag__apply_request__field_indices_by_name,
  1,  imprag__apply_request__number_ranges,
  (ProtobufCMessageInit) imprag__apply_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__apply_reply__field_descriptors[2] =
{
  {
    "epoch",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__ApplyReply, epoch),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "partitions",
    2,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_MESSAGE,
    offsetof(Imprag__ApplyReply, n_partitions),
    offsetof(Imprag__ApplyReply, partitions),
    &imprag__partition_outcome__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__apply_reply__field_indices_by_name[] = {
  0,   /* field[0] = epoch */
  1,   /* field[1] = partitions */
};
static const ProtobufCIntRange imprag__apply_reply__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 2 }
};
const ProtobufCMessageDescriptor imprag__apply_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.ApplyReply",
  "ApplyReply",
  "Imprag__ApplyReply",
  "imprag",
  sizeof(Imprag__ApplyReply),
  2,
  imprag__apply_reply__field_descriptors,
  imprag__apply_reply__field_indices_by_name,
  1,  imprag__apply_reply__number_ranges,
  (ProtobufCMessageInit) imprag__apply_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__partition_outcome__field_descriptors[4] =
{
  {
    "partition",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__PartitionOutcome, partition),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "inserted",
    2,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__PartitionOutcome, inserted),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "replaced",
    3,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__PartitionOutcome, replaced),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "deleted",
    4,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__PartitionOutcome, deleted),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__partition_outcome__field_indices_by_name[] = {
  3,   /* field[3] = deleted */
  1,   /* field[1] = inserted */
  0,   /* field[0] = partition */
  2,   /* field[2] = replaced */
};
static const ProtobufCIntRange imprag__partition_outcome__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 4 }
};
const ProtobufCMessageDescriptor imprag__partition_outcome__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.PartitionOutcome",
  "PartitionOutcome",
  "Imprag__PartitionOutcome",
  "imprag",
  sizeof(Imprag__PartitionOutcome),
  4,
  imprag__partition_outcome__field_descriptors,
  imprag__partition_outcome__field_indices_by_name,
  1,  imprag__partition_outcome__number_ranges,
  (ProtobufCMessageInit) imprag__partition_outcome__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__fetch_states_request__field_descriptors[1] =
{
  {
    "keys",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__FetchStatesRequest, n_keys),
    offsetof(Imprag__FetchStatesRequest, keys),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__fetch_states_request__field_indices_by_name[] = {
  0,   /* field[0] = keys */
};
static const ProtobufCIntRange imprag__fetch_states_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 1 }
};
const ProtobufCMessageDescriptor imprag__fetch_states_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.FetchStatesRequest",
  "FetchStatesRequest",
  "Imprag__FetchStatesRequest",
  "imprag",
  sizeof(Imprag__FetchStatesRequest),
  1,
  imprag__fetch_states_request__field_descriptors,
  imprag__fetch_states_request__field_indices_by_name,
  1,  imprag__fetch_states_request__number_ranges,
  (ProtobufCMessageInit) imprag__fetch_states_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__fetch_states_reply__field_descriptors[1] =
{
  {
    "presence",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_ENUM,
    offsetof(Imprag__FetchStatesReply, n_presence),
    offsetof(Imprag__FetchStatesReply, presence),
    &imprag__state_presence__descriptor,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__fetch_states_reply__field_indices_by_name[] = {
  0,   /* field[0] = presence */
};
static const ProtobufCIntRange imprag__fetch_states_reply__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 1 }
};
const ProtobufCMessageDescriptor imprag__fetch_states_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.FetchStatesReply",
  "FetchStatesReply",
  "Imprag__FetchStatesReply",
  "imprag",
  sizeof(Imprag__FetchStatesReply),
  1,
  imprag__fetch_states_reply__field_descriptors,
  imprag__fetch_states_reply__field_indices_by_name,
  1,  imprag__fetch_states_reply__number_ranges,
  (ProtobufCMessageInit) imprag__fetch_states_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__store_states_request__field_descriptors[1] =
{
  {
    "keys",
    1,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_BYTES,
    offsetof(Imprag__StoreStatesRequest, n_keys),
    offsetof(Imprag__StoreStatesRequest, keys),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__store_states_request__field_indices_by_name[] = {
  0,   /* field[0] = keys */
};
static const ProtobufCIntRange imprag__store_states_request__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 1 }
};
const ProtobufCMessageDescriptor imprag__store_states_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.StoreStatesRequest",
  "StoreStatesRequest",
  "Imprag__StoreStatesRequest",
  "imprag",
  sizeof(Imprag__StoreStatesRequest),
  1,
  imprag__store_states_request__field_descriptors,
  imprag__store_states_request__field_indices_by_name,
  1,  imprag__store_states_request__number_ranges,
  (ProtobufCMessageInit) imprag__store_states_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__store_states_reply__field_descriptors[1] =
{
  {
    "stored",
    1,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT64,
    0,   /* quantifier_offset */
    offsetof(Imprag__StoreStatesReply, stored),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__store_states_reply__field_indices_by_name[] = {
  0,   /* field[0] = stored */
};
static const ProtobufCIntRange imprag__store_states_reply__number_ranges[1 + 1] =
{
  { 1, 0 },
  { 0, 1 }
};
const ProtobufCMessageDescriptor imprag__store_states_reply__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.StoreStatesReply",
  "StoreStatesReply",
  "Imprag__StoreStatesReply",
  "imprag",
  sizeof(Imprag__StoreStatesReply),
  1,
  imprag__store_states_reply__field_descriptors,
  imprag__store_states_reply__field_indices_by_name,
  1,  imprag__store_states_reply__number_ranges,
  (ProtobufCMessageInit) imprag__store_states_reply__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__generate_request__field_descriptors[10] =
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
  {
    "resume_tokens",
    6,
    PROTOBUF_C_LABEL_REPEATED,
    PROTOBUF_C_TYPE_INT32,
    offsetof(Imprag__GenerateRequest, n_resume_tokens),
    offsetof(Imprag__GenerateRequest, resume_tokens),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_PACKED,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "speculate",
    7,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    offsetof(Imprag__GenerateRequest, speculate_presence_case),
    offsetof(Imprag__GenerateRequest, speculate),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "top_logprobs",
    9,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    offsetof(Imprag__GenerateRequest, top_logprobs_presence_case),
    offsetof(Imprag__GenerateRequest, top_logprobs),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "token_attention",
    10,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_BOOL,
    offsetof(Imprag__GenerateRequest, token_attention_presence_case),
    offsetof(Imprag__GenerateRequest, token_attention),
    NULL,
    NULL,
    0 | PROTOBUF_C_FIELD_FLAG_ONEOF,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "client",
    70,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_FIXED64,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateRequest, client),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__generate_request__field_indices_by_name[] = {
  9,   /* field[9] = client */
  3,   /* field[3] = encoding */
  1,   /* field[1] = k */
  2,   /* field[2] = passages */
  0,   /* field[0] = prompt_tokens */
  5,   /* field[5] = resume_tokens */
  4,   /* field[4] = sampling */
  6,   /* field[6] = speculate */
  8,   /* field[8] = token_attention */
  7,   /* field[7] = top_logprobs */
};
static const ProtobufCIntRange imprag__generate_request__number_ranges[3 + 1] =
{
  { 1, 0 },
  { 9, 7 },
  { 70, 9 },
  { 0, 10 }
};
const ProtobufCMessageDescriptor imprag__generate_request__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.GenerateRequest",
  "GenerateRequest",
  "Imprag__GenerateRequest",
  "imprag",
  sizeof(Imprag__GenerateRequest),
  10,
  imprag__generate_request__field_descriptors,
  imprag__generate_request__field_indices_by_name,
  3,  imprag__generate_request__number_ranges,
  (ProtobufCMessageInit) imprag__generate_request__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCFieldDescriptor imprag__generate_done__field_descriptors[7] =
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
  {
    "proposed_tokens",
    5,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateDone, proposed_tokens),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "accepted_tokens",
    6,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_UINT32,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateDone, accepted_tokens),
    NULL,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
  {
    "arithmetic",
    60,
    PROTOBUF_C_LABEL_NONE,
    PROTOBUF_C_TYPE_MESSAGE,
    0,   /* quantifier_offset */
    offsetof(Imprag__GenerateDone, arithmetic),
    &imprag__arithmetic__descriptor,
    NULL,
    0,             /* flags */
    0,NULL,NULL    /* reserved1,reserved2, etc */
  },
};
static const unsigned imprag__generate_done__field_indices_by_name[] = {
  5,   /* field[5] = accepted_tokens */
  6,   /* field[6] = arithmetic */
  0,   /* field[0] = finish */
  2,   /* field[2] = generated_tokens */
  1,   /* field[1] = passage_attention */
  4,   /* field[4] = proposed_tokens */
  3,   /* field[3] = timings */
};
static const ProtobufCIntRange imprag__generate_done__number_ranges[2 + 1] =
{
  { 1, 0 },
  { 60, 6 },
  { 0, 7 }
};
const ProtobufCMessageDescriptor imprag__generate_done__descriptor =
{
  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
  "imprag.GenerateDone",
  "GenerateDone",
  "Imprag__GenerateDone",
  "imprag",
  sizeof(Imprag__GenerateDone),
  7,
  imprag__generate_done__field_descriptors,
  imprag__generate_done__field_indices_by_name,
  2,  imprag__generate_done__number_ranges,
  (ProtobufCMessageInit) imprag__generate_done__init,
  NULL,NULL,NULL    /* reserved[123] */
};
static const ProtobufCEnumValue imprag__data_type__enum_values_by_number[5] =
{
  { "DATA_TYPE_UNSPECIFIED", "IMPRAG__DATA_TYPE__DATA_TYPE_UNSPECIFIED", 0 },
  { "FLOAT32", "IMPRAG__DATA_TYPE__FLOAT32", 1 },
  { "BFLOAT16", "IMPRAG__DATA_TYPE__BFLOAT16", 2 },
  { "INT32", "IMPRAG__DATA_TYPE__INT32", 3 },
  { "UINT8", "IMPRAG__DATA_TYPE__UINT8", 4 },
};
static const ProtobufCIntRange imprag__data_type__value_ranges[] = {
{0, 0},{0, 5}
};
static const ProtobufCEnumValueIndex imprag__data_type__enum_values_by_name[5] =
{
  { "BFLOAT16", 2 },
  { "DATA_TYPE_UNSPECIFIED", 0 },
  { "FLOAT32", 1 },
  { "INT32", 3 },
  { "UINT8", 4 },
};
const ProtobufCEnumDescriptor imprag__data_type__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.DataType",
  "DataType",
  "Imprag__DataType",
  "imprag",
  5,
  imprag__data_type__enum_values_by_number,
  5,
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
static const ProtobufCEnumValue imprag__words_mode__enum_values_by_number[3] =
{
  { "WORDS_OFF", "IMPRAG__WORDS_MODE__WORDS_OFF", 0 },
  { "WORDS_FUSE", "IMPRAG__WORDS_MODE__WORDS_FUSE", 1 },
  { "WORDS_ONLY", "IMPRAG__WORDS_MODE__WORDS_ONLY", 2 },
};
static const ProtobufCIntRange imprag__words_mode__value_ranges[] = {
{0, 0},{0, 3}
};
static const ProtobufCEnumValueIndex imprag__words_mode__enum_values_by_name[3] =
{
  { "WORDS_FUSE", 1 },
  { "WORDS_OFF", 0 },
  { "WORDS_ONLY", 2 },
};
const ProtobufCEnumDescriptor imprag__words_mode__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.WordsMode",
  "WordsMode",
  "Imprag__WordsMode",
  "imprag",
  3,
  imprag__words_mode__enum_values_by_number,
  3,
  imprag__words_mode__enum_values_by_name,
  1,
  imprag__words_mode__value_ranges,
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
static const ProtobufCEnumValue imprag__shard_turn__enum_values_by_number[3] =
{
  { "FIRST_ASKED", "IMPRAG__SHARD_TURN__FIRST_ASKED", 0 },
  { "HEDGE", "IMPRAG__SHARD_TURN__HEDGE", 1 },
  { "RETRY", "IMPRAG__SHARD_TURN__RETRY", 2 },
};
static const ProtobufCIntRange imprag__shard_turn__value_ranges[] = {
{0, 0},{0, 3}
};
static const ProtobufCEnumValueIndex imprag__shard_turn__enum_values_by_name[3] =
{
  { "FIRST_ASKED", 0 },
  { "HEDGE", 1 },
  { "RETRY", 2 },
};
const ProtobufCEnumDescriptor imprag__shard_turn__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.ShardTurn",
  "ShardTurn",
  "Imprag__ShardTurn",
  "imprag",
  3,
  imprag__shard_turn__enum_values_by_number,
  3,
  imprag__shard_turn__enum_values_by_name,
  1,
  imprag__shard_turn__value_ranges,
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
static const ProtobufCEnumValue imprag__abstain_reason__enum_values_by_number[5] =
{
  { "ABSTAIN_REASON_UNSPECIFIED", "IMPRAG__ABSTAIN_REASON__ABSTAIN_REASON_UNSPECIFIED", 0 },
  { "NO_CONTEXT", "IMPRAG__ABSTAIN_REASON__NO_CONTEXT", 1 },
  { "LOW_SCORE", "IMPRAG__ABSTAIN_REASON__LOW_SCORE", 2 },
  { "PARTIAL_INDEX", "IMPRAG__ABSTAIN_REASON__PARTIAL_INDEX", 3 },
  { "UNSUPPORTED", "IMPRAG__ABSTAIN_REASON__UNSUPPORTED", 4 },
};
static const ProtobufCIntRange imprag__abstain_reason__value_ranges[] = {
{0, 0},{0, 5}
};
static const ProtobufCEnumValueIndex imprag__abstain_reason__enum_values_by_name[5] =
{
  { "ABSTAIN_REASON_UNSPECIFIED", 0 },
  { "LOW_SCORE", 2 },
  { "NO_CONTEXT", 1 },
  { "PARTIAL_INDEX", 3 },
  { "UNSUPPORTED", 4 },
};
const ProtobufCEnumDescriptor imprag__abstain_reason__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.AbstainReason",
  "AbstainReason",
  "Imprag__AbstainReason",
  "imprag",
  5,
  imprag__abstain_reason__enum_values_by_number,
  5,
  imprag__abstain_reason__enum_values_by_name,
  1,
  imprag__abstain_reason__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
static const ProtobufCEnumValue imprag__embed_role__enum_values_by_number[3] =
{
  { "EMBED_ROLE_UNSPECIFIED", "IMPRAG__EMBED_ROLE__EMBED_ROLE_UNSPECIFIED", 0 },
  { "QUERY", "IMPRAG__EMBED_ROLE__QUERY", 1 },
  { "PASSAGE", "IMPRAG__EMBED_ROLE__PASSAGE", 2 },
};
static const ProtobufCIntRange imprag__embed_role__value_ranges[] = {
{0, 0},{0, 3}
};
static const ProtobufCEnumValueIndex imprag__embed_role__enum_values_by_name[3] =
{
  { "EMBED_ROLE_UNSPECIFIED", 0 },
  { "PASSAGE", 2 },
  { "QUERY", 1 },
};
const ProtobufCEnumDescriptor imprag__embed_role__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.EmbedRole",
  "EmbedRole",
  "Imprag__EmbedRole",
  "imprag",
  3,
  imprag__embed_role__enum_values_by_number,
  3,
  imprag__embed_role__enum_values_by_name,
  1,
  imprag__embed_role__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
static const ProtobufCEnumValue imprag__update_wait__enum_values_by_number[2] =
{
  { "DURABLE", "IMPRAG__UPDATE_WAIT__DURABLE", 0 },
  { "FOUND", "IMPRAG__UPDATE_WAIT__FOUND", 1 },
};
static const ProtobufCIntRange imprag__update_wait__value_ranges[] = {
{0, 0},{0, 2}
};
static const ProtobufCEnumValueIndex imprag__update_wait__enum_values_by_name[2] =
{
  { "DURABLE", 0 },
  { "FOUND", 1 },
};
const ProtobufCEnumDescriptor imprag__update_wait__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.UpdateWait",
  "UpdateWait",
  "Imprag__UpdateWait",
  "imprag",
  2,
  imprag__update_wait__enum_values_by_number,
  2,
  imprag__update_wait__enum_values_by_name,
  1,
  imprag__update_wait__value_ranges,
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
static const ProtobufCEnumValue imprag__state_presence__enum_values_by_number[4] =
{
  { "STATE_PRESENCE_UNSPECIFIED", "IMPRAG__STATE_PRESENCE__STATE_PRESENCE_UNSPECIFIED", 0 },
  { "SENT", "IMPRAG__STATE_PRESENCE__SENT", 1 },
  { "ABSENT", "IMPRAG__STATE_PRESENCE__ABSENT", 2 },
  { "NOT_SENT", "IMPRAG__STATE_PRESENCE__NOT_SENT", 3 },
};
static const ProtobufCIntRange imprag__state_presence__value_ranges[] = {
{0, 0},{0, 4}
};
static const ProtobufCEnumValueIndex imprag__state_presence__enum_values_by_name[4] =
{
  { "ABSENT", 2 },
  { "NOT_SENT", 3 },
  { "SENT", 1 },
  { "STATE_PRESENCE_UNSPECIFIED", 0 },
};
const ProtobufCEnumDescriptor imprag__state_presence__descriptor =
{
  PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
  "imprag.StatePresence",
  "StatePresence",
  "Imprag__StatePresence",
  "imprag",
  4,
  imprag__state_presence__enum_values_by_number,
  4,
  imprag__state_presence__enum_values_by_name,
  1,
  imprag__state_presence__value_ranges,
  NULL,NULL,NULL,NULL   /* reserved[1234] */
};
