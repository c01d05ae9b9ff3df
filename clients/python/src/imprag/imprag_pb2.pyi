from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

ABSENT: StatePresence
ABSTAIN_REASON_UNSPECIFIED: AbstainReason
ANSWERED: ShardState
BFLOAT16: DataType
CANCELLED: ErrorCode
CONCATENATED: PassageEncoding
COORDINATOR: NodeRole
DATA_LOSS: ErrorCode
DATA_TYPE_UNSPECIFIED: DataType
DEADLINE_EXCEEDED: ErrorCode
DESCRIPTOR: _descriptor.FileDescriptor
DURABLE: UpdateWait
EMBED_ROLE_UNSPECIFIED: EmbedRole
ERROR_CODE_UNSPECIFIED: ErrorCode
FAIL: CompletenessPolicy
FAILED: ShardState
FAILED_PRECONDITION: ErrorCode
FINISH_REASON_UNSPECIFIED: FinishReason
FIRST_ASKED: ShardTurn
FLOAT32: DataType
FOUND: UpdateWait
GENERATOR: NodeRole
HEDGE: ShardTurn
INDEPENDENT: PassageEncoding
INT32: DataType
INTERNAL: ErrorCode
INVALID_ARGUMENT: ErrorCode
LENGTH: FinishReason
LOADING: NodeState
LOW_SCORE: AbstainReason
NODE_ROLE_UNSPECIFIED: NodeRole
NODE_STATE_UNSPECIFIED: NodeState
NOT_FOUND: ErrorCode
NOT_SENT: StatePresence
NO_CONTEXT: AbstainReason
PARTIAL: CompletenessPolicy
PARTIAL_INDEX: AbstainReason
PASSAGE: EmbedRole
PASSAGE_ENCODING_DEFAULT: PassageEncoding
PERMISSION_DENIED: ErrorCode
QUERY: EmbedRole
READY: NodeState
RESOURCE_EXHAUSTED: ErrorCode
RETRY: ShardTurn
SEGMENTED: PassageEncoding
SENT: StatePresence
SHARD: NodeRole
SHARD_STATE_UNSPECIFIED: ShardState
STATE_PRESENCE_UNSPECIFIED: StatePresence
STOP: FinishReason
STOPPING: NodeState
TIMED_OUT: ShardState
UINT8: DataType
UNAUTHENTICATED: ErrorCode
UNAVAILABLE: ErrorCode
UNREACHABLE: NodeState
UNSUPPORTED: AbstainReason
WORDS_FUSE: WordsMode
WORDS_OFF: WordsMode
WORDS_ONLY: WordsMode

class ApplyReply(_message.Message):
    __slots__ = ["epoch", "partitions"]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    partitions: _containers.RepeatedCompositeFieldContainer[PartitionOutcome]
    def __init__(self, epoch: _Optional[int] = ..., partitions: _Optional[_Iterable[_Union[PartitionOutcome, _Mapping]]] = ...) -> None: ...

class ApplyRequest(_message.Message):
    __slots__ = ["epoch", "update"]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    update: int
    def __init__(self, epoch: _Optional[int] = ..., update: _Optional[int] = ...) -> None: ...

class Arithmetic(_message.Message):
    __slots__ = ["build", "compute", "kernels"]
    BUILD_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_FIELD_NUMBER: _ClassVar[int]
    KERNELS_FIELD_NUMBER: _ClassVar[int]
    build: str
    compute: str
    kernels: str
    def __init__(self, build: _Optional[str] = ..., compute: _Optional[str] = ..., kernels: _Optional[str] = ...) -> None: ...

class AskDone(_message.Message):
    __slots__ = ["abstain_notice", "abstained", "accepted_tokens", "completeness", "finish", "generated_tokens", "passage_attention", "prompt_tokens", "proposed_tokens", "record", "timings", "why"]
    ABSTAINED_FIELD_NUMBER: _ClassVar[int]
    ABSTAIN_NOTICE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COMPLETENESS_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    GENERATED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PASSAGE_ATTENTION_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    abstain_notice: str
    abstained: AbstainReason
    accepted_tokens: int
    completeness: Completeness
    finish: FinishReason
    generated_tokens: int
    passage_attention: _containers.RepeatedScalarFieldContainer[float]
    prompt_tokens: int
    proposed_tokens: int
    record: AskRecord
    timings: Timings
    why: str
    def __init__(self, finish: _Optional[_Union[FinishReason, str]] = ..., passage_attention: _Optional[_Iterable[float]] = ..., prompt_tokens: _Optional[int] = ..., generated_tokens: _Optional[int] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ..., completeness: _Optional[_Union[Completeness, _Mapping]] = ..., proposed_tokens: _Optional[int] = ..., accepted_tokens: _Optional[int] = ..., abstained: _Optional[_Union[AbstainReason, str]] = ..., why: _Optional[str] = ..., record: _Optional[_Union[AskRecord, _Mapping]] = ..., abstain_notice: _Optional[str] = ...) -> None: ...

class AskRecord(_message.Message):
    __slots__ = ["abstains", "build", "collection_id", "collection_name", "compute", "encoding", "fingerprint", "generator", "k", "kernels", "partitions", "sampling", "words_weight"]
    ABSTAINS_FIELD_NUMBER: _ClassVar[int]
    BUILD_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_ID_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_NAME_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    KERNELS_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    SAMPLING_FIELD_NUMBER: _ClassVar[int]
    WORDS_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    abstains: bool
    build: str
    collection_id: str
    collection_name: str
    compute: str
    encoding: PassageEncoding
    fingerprint: bytes
    generator: Arithmetic
    k: int
    kernels: str
    partitions: _containers.RepeatedCompositeFieldContainer[PartitionFigures]
    sampling: Sampling
    words_weight: float
    def __init__(self, fingerprint: _Optional[bytes] = ..., build: _Optional[str] = ..., compute: _Optional[str] = ..., kernels: _Optional[str] = ..., collection_id: _Optional[str] = ..., collection_name: _Optional[str] = ..., k: _Optional[int] = ..., encoding: _Optional[_Union[PassageEncoding, str]] = ..., words_weight: _Optional[float] = ..., sampling: _Optional[_Union[Sampling, _Mapping]] = ..., partitions: _Optional[_Iterable[_Union[PartitionFigures, _Mapping]]] = ..., abstains: bool = ..., generator: _Optional[_Union[Arithmetic, _Mapping]] = ...) -> None: ...

class AskRequest(_message.Message):
    __slots__ = ["abstain", "completeness", "encoding", "k", "messages", "omit_passage_text", "options", "prompt", "sampling", "speculate", "token_attention", "top_logprobs", "words", "words_weight"]
    ABSTAIN_FIELD_NUMBER: _ClassVar[int]
    COMPLETENESS_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    OMIT_PASSAGE_TEXT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    SAMPLING_FIELD_NUMBER: _ClassVar[int]
    SPECULATE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ATTENTION_FIELD_NUMBER: _ClassVar[int]
    TOP_LOGPROBS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    WORDS_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    abstain: bool
    completeness: CompletenessPolicy
    encoding: PassageEncoding
    k: int
    messages: _containers.RepeatedCompositeFieldContainer[ChatMessage]
    omit_passage_text: bool
    options: SearchOptions
    prompt: str
    sampling: Sampling
    speculate: bool
    token_attention: bool
    top_logprobs: int
    words: WordsMode
    words_weight: float
    def __init__(self, prompt: _Optional[str] = ..., k: _Optional[int] = ..., encoding: _Optional[_Union[PassageEncoding, str]] = ..., sampling: _Optional[_Union[Sampling, _Mapping]] = ..., completeness: _Optional[_Union[CompletenessPolicy, str]] = ..., omit_passage_text: bool = ..., options: _Optional[_Union[SearchOptions, _Mapping]] = ..., words: _Optional[_Union[WordsMode, str]] = ..., words_weight: _Optional[float] = ..., messages: _Optional[_Iterable[_Union[ChatMessage, _Mapping]]] = ..., speculate: bool = ..., top_logprobs: _Optional[int] = ..., token_attention: bool = ..., abstain: bool = ...) -> None: ...

class AskSources(_message.Message):
    __slots__ = ["completeness", "filter_applied", "passages", "words_searched"]
    COMPLETENESS_FIELD_NUMBER: _ClassVar[int]
    FILTER_APPLIED_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    WORDS_SEARCHED_FIELD_NUMBER: _ClassVar[int]
    completeness: Completeness
    filter_applied: bool
    passages: _containers.RepeatedCompositeFieldContainer[ScoredPassage]
    words_searched: bool
    def __init__(self, passages: _Optional[_Iterable[_Union[ScoredPassage, _Mapping]]] = ..., completeness: _Optional[_Union[Completeness, _Mapping]] = ..., filter_applied: bool = ..., words_searched: bool = ...) -> None: ...

class CancelRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ChatMessage(_message.Message):
    __slots__ = ["content", "role"]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    content: str
    role: str
    def __init__(self, role: _Optional[str] = ..., content: _Optional[str] = ...) -> None: ...

class Completeness(_message.Message):
    __slots__ = ["complete", "passages_searched", "passages_total", "shards"]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_SEARCHED_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    SHARDS_FIELD_NUMBER: _ClassVar[int]
    complete: bool
    passages_searched: int
    passages_total: int
    shards: _containers.RepeatedCompositeFieldContainer[ShardOutcome]
    def __init__(self, shards: _Optional[_Iterable[_Union[ShardOutcome, _Mapping]]] = ..., passages_searched: _Optional[int] = ..., passages_total: _Optional[int] = ..., complete: bool = ...) -> None: ...

class DeleteReply(_message.Message):
    __slots__ = ["deleted", "epoch", "found"]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    deleted: int
    epoch: int
    found: bool
    def __init__(self, deleted: _Optional[int] = ..., epoch: _Optional[int] = ..., found: bool = ...) -> None: ...

class DeleteRequest(_message.Message):
    __slots__ = ["ids", "update_key", "wait"]
    IDS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_KEY_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    update_key: bytes
    wait: UpdateWait
    def __init__(self, ids: _Optional[_Iterable[str]] = ..., wait: _Optional[_Union[UpdateWait, str]] = ..., update_key: _Optional[bytes] = ...) -> None: ...

class EmbedReply(_message.Message):
    __slots__ = ["cut", "tokens"]
    CUT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    cut: _containers.RepeatedScalarFieldContainer[bool]
    tokens: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, tokens: _Optional[_Iterable[int]] = ..., cut: _Optional[_Iterable[bool]] = ...) -> None: ...

class EmbedRequest(_message.Message):
    __slots__ = ["role", "texts"]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    role: EmbedRole
    texts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, texts: _Optional[_Iterable[str]] = ..., role: _Optional[_Union[EmbedRole, str]] = ...) -> None: ...

class Envelope(_message.Message):
    __slots__ = ["apply", "apply_reply", "ask", "ask_done", "ask_sources", "cancel", "collection", "deadline_ms", "delete", "delete_reply", "embed", "embed_reply", "failure", "fetch_states", "fetch_states_reply", "fingerprint", "generate", "generate_done", "more", "node", "ping", "ping_reply", "protocol_version", "reply_number", "request_id", "search", "search_reply", "shard_search", "shard_search_reply", "status", "status_reply", "store_states", "store_states_reply", "tensors", "token", "traceparent", "upsert", "upsert_reply"]
    APPLY_FIELD_NUMBER: _ClassVar[int]
    APPLY_REPLY_FIELD_NUMBER: _ClassVar[int]
    ASK_DONE_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    ASK_SOURCES_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_MS_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    DELETE_REPLY_FIELD_NUMBER: _ClassVar[int]
    EMBED_FIELD_NUMBER: _ClassVar[int]
    EMBED_REPLY_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    FETCH_STATES_FIELD_NUMBER: _ClassVar[int]
    FETCH_STATES_REPLY_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    GENERATE_DONE_FIELD_NUMBER: _ClassVar[int]
    GENERATE_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    PING_REPLY_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    REPLY_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    SEARCH_REPLY_FIELD_NUMBER: _ClassVar[int]
    SHARD_SEARCH_FIELD_NUMBER: _ClassVar[int]
    SHARD_SEARCH_REPLY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATUS_REPLY_FIELD_NUMBER: _ClassVar[int]
    STORE_STATES_FIELD_NUMBER: _ClassVar[int]
    STORE_STATES_REPLY_FIELD_NUMBER: _ClassVar[int]
    TENSORS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    UPSERT_FIELD_NUMBER: _ClassVar[int]
    UPSERT_REPLY_FIELD_NUMBER: _ClassVar[int]
    apply: ApplyRequest
    apply_reply: ApplyReply
    ask: AskRequest
    ask_done: AskDone
    ask_sources: AskSources
    cancel: CancelRequest
    collection: str
    deadline_ms: int
    delete: DeleteRequest
    delete_reply: DeleteReply
    embed: EmbedRequest
    embed_reply: EmbedReply
    failure: Failure
    fetch_states: FetchStatesRequest
    fetch_states_reply: FetchStatesReply
    fingerprint: bytes
    generate: GenerateRequest
    generate_done: GenerateDone
    more: bool
    node: str
    ping: PingRequest
    ping_reply: PingReply
    protocol_version: int
    reply_number: int
    request_id: int
    search: SearchRequest
    search_reply: SearchReply
    shard_search: ShardSearchRequest
    shard_search_reply: ShardSearchReply
    status: StatusRequest
    status_reply: StatusReply
    store_states: StoreStatesRequest
    store_states_reply: StoreStatesReply
    tensors: _containers.RepeatedCompositeFieldContainer[TensorDescription]
    token: Token
    traceparent: str
    upsert: UpsertRequest
    upsert_reply: UpsertReply
    def __init__(self, protocol_version: _Optional[int] = ..., request_id: _Optional[int] = ..., deadline_ms: _Optional[int] = ..., fingerprint: _Optional[bytes] = ..., tensors: _Optional[_Iterable[_Union[TensorDescription, _Mapping]]] = ..., node: _Optional[str] = ..., more: bool = ..., reply_number: _Optional[int] = ..., traceparent: _Optional[str] = ..., collection: _Optional[str] = ..., ask: _Optional[_Union[AskRequest, _Mapping]] = ..., search: _Optional[_Union[SearchRequest, _Mapping]] = ..., status: _Optional[_Union[StatusRequest, _Mapping]] = ..., cancel: _Optional[_Union[CancelRequest, _Mapping]] = ..., ping: _Optional[_Union[PingRequest, _Mapping]] = ..., shard_search: _Optional[_Union[ShardSearchRequest, _Mapping]] = ..., generate: _Optional[_Union[GenerateRequest, _Mapping]] = ..., upsert: _Optional[_Union[UpsertRequest, _Mapping]] = ..., delete: _Optional[_Union[DeleteRequest, _Mapping]] = ..., fetch_states: _Optional[_Union[FetchStatesRequest, _Mapping]] = ..., store_states: _Optional[_Union[StoreStatesRequest, _Mapping]] = ..., apply: _Optional[_Union[ApplyRequest, _Mapping]] = ..., embed: _Optional[_Union[EmbedRequest, _Mapping]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., ask_sources: _Optional[_Union[AskSources, _Mapping]] = ..., token: _Optional[_Union[Token, _Mapping]] = ..., ask_done: _Optional[_Union[AskDone, _Mapping]] = ..., search_reply: _Optional[_Union[SearchReply, _Mapping]] = ..., status_reply: _Optional[_Union[StatusReply, _Mapping]] = ..., ping_reply: _Optional[_Union[PingReply, _Mapping]] = ..., shard_search_reply: _Optional[_Union[ShardSearchReply, _Mapping]] = ..., generate_done: _Optional[_Union[GenerateDone, _Mapping]] = ..., upsert_reply: _Optional[_Union[UpsertReply, _Mapping]] = ..., delete_reply: _Optional[_Union[DeleteReply, _Mapping]] = ..., fetch_states_reply: _Optional[_Union[FetchStatesReply, _Mapping]] = ..., store_states_reply: _Optional[_Union[StoreStatesReply, _Mapping]] = ..., apply_reply: _Optional[_Union[ApplyReply, _Mapping]] = ..., embed_reply: _Optional[_Union[EmbedReply, _Mapping]] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ["code", "message", "node", "other_collection", "retry_after_ms"]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    OTHER_COLLECTION_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: ErrorCode
    message: str
    node: str
    other_collection: bool
    retry_after_ms: int
    def __init__(self, code: _Optional[_Union[ErrorCode, str]] = ..., message: _Optional[str] = ..., node: _Optional[str] = ..., retry_after_ms: _Optional[int] = ..., other_collection: bool = ...) -> None: ...

class FetchStatesReply(_message.Message):
    __slots__ = ["presence"]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    presence: _containers.RepeatedScalarFieldContainer[StatePresence]
    def __init__(self, presence: _Optional[_Iterable[_Union[StatePresence, str]]] = ...) -> None: ...

class FetchStatesRequest(_message.Message):
    __slots__ = ["keys"]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, keys: _Optional[_Iterable[bytes]] = ...) -> None: ...

class FieldEquals(_message.Message):
    __slots__ = ["field", "value"]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    field: str
    value: FilterScalar
    def __init__(self, field: _Optional[str] = ..., value: _Optional[_Union[FilterScalar, _Mapping]] = ...) -> None: ...

class FieldIsOneOf(_message.Message):
    __slots__ = ["field", "values"]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    field: str
    values: _containers.RepeatedCompositeFieldContainer[FilterScalar]
    def __init__(self, field: _Optional[str] = ..., values: _Optional[_Iterable[_Union[FilterScalar, _Mapping]]] = ...) -> None: ...

class FieldRange(_message.Message):
    __slots__ = ["field", "lower", "upper"]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    LOWER_FIELD_NUMBER: _ClassVar[int]
    UPPER_FIELD_NUMBER: _ClassVar[int]
    field: str
    lower: FilterBound
    upper: FilterBound
    def __init__(self, field: _Optional[str] = ..., lower: _Optional[_Union[FilterBound, _Mapping]] = ..., upper: _Optional[_Union[FilterBound, _Mapping]] = ...) -> None: ...

class Filter(_message.Message):
    __slots__ = ["all", "any", "equals", "is_one_of", "negated", "range"]
    ALL_FIELD_NUMBER: _ClassVar[int]
    ANY_FIELD_NUMBER: _ClassVar[int]
    EQUALS_FIELD_NUMBER: _ClassVar[int]
    IS_ONE_OF_FIELD_NUMBER: _ClassVar[int]
    NEGATED_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    all: FilterList
    any: FilterList
    equals: FieldEquals
    is_one_of: FieldIsOneOf
    negated: Filter
    range: FieldRange
    def __init__(self, equals: _Optional[_Union[FieldEquals, _Mapping]] = ..., is_one_of: _Optional[_Union[FieldIsOneOf, _Mapping]] = ..., range: _Optional[_Union[FieldRange, _Mapping]] = ..., all: _Optional[_Union[FilterList, _Mapping]] = ..., any: _Optional[_Union[FilterList, _Mapping]] = ..., negated: _Optional[_Union[Filter, _Mapping]] = ...) -> None: ...

class FilterBound(_message.Message):
    __slots__ = ["inclusive", "integer", "value"]
    INCLUSIVE_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    inclusive: bool
    integer: int
    value: float
    def __init__(self, value: _Optional[float] = ..., inclusive: bool = ..., integer: _Optional[int] = ...) -> None: ...

class FilterList(_message.Message):
    __slots__ = ["filters"]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    filters: _containers.RepeatedCompositeFieldContainer[Filter]
    def __init__(self, filters: _Optional[_Iterable[_Union[Filter, _Mapping]]] = ...) -> None: ...

class FilterScalar(_message.Message):
    __slots__ = ["integer", "number", "text"]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    integer: int
    number: float
    text: str
    def __init__(self, text: _Optional[str] = ..., number: _Optional[float] = ..., integer: _Optional[int] = ...) -> None: ...

class GenerateDone(_message.Message):
    __slots__ = ["accepted_tokens", "arithmetic", "finish", "generated_tokens", "passage_attention", "proposed_tokens", "timings"]
    ACCEPTED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    ARITHMETIC_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    GENERATED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PASSAGE_ATTENTION_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    accepted_tokens: int
    arithmetic: Arithmetic
    finish: FinishReason
    generated_tokens: int
    passage_attention: _containers.RepeatedScalarFieldContainer[float]
    proposed_tokens: int
    timings: Timings
    def __init__(self, finish: _Optional[_Union[FinishReason, str]] = ..., passage_attention: _Optional[_Iterable[float]] = ..., generated_tokens: _Optional[int] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ..., proposed_tokens: _Optional[int] = ..., accepted_tokens: _Optional[int] = ..., arithmetic: _Optional[_Union[Arithmetic, _Mapping]] = ...) -> None: ...

class GenerateRequest(_message.Message):
    __slots__ = ["client", "encoding", "k", "passages", "prompt_tokens", "resume_tokens", "sampling", "speculate", "token_attention", "top_logprobs"]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKENS_FIELD_NUMBER: _ClassVar[int]
    SAMPLING_FIELD_NUMBER: _ClassVar[int]
    SPECULATE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ATTENTION_FIELD_NUMBER: _ClassVar[int]
    TOP_LOGPROBS_FIELD_NUMBER: _ClassVar[int]
    client: int
    encoding: PassageEncoding
    k: int
    passages: _containers.RepeatedCompositeFieldContainer[Passage]
    prompt_tokens: _containers.RepeatedScalarFieldContainer[int]
    resume_tokens: _containers.RepeatedScalarFieldContainer[int]
    sampling: Sampling
    speculate: bool
    token_attention: bool
    top_logprobs: int
    def __init__(self, prompt_tokens: _Optional[_Iterable[int]] = ..., k: _Optional[int] = ..., passages: _Optional[_Iterable[_Union[Passage, _Mapping]]] = ..., encoding: _Optional[_Union[PassageEncoding, str]] = ..., sampling: _Optional[_Union[Sampling, _Mapping]] = ..., resume_tokens: _Optional[_Iterable[int]] = ..., speculate: bool = ..., top_logprobs: _Optional[int] = ..., token_attention: bool = ..., client: _Optional[int] = ...) -> None: ...

class HistogramFigures(_message.Message):
    __slots__ = ["bounds", "counts", "sum"]
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    SUM_FIELD_NUMBER: _ClassVar[int]
    bounds: _containers.RepeatedScalarFieldContainer[float]
    counts: _containers.RepeatedScalarFieldContainer[int]
    sum: float
    def __init__(self, bounds: _Optional[_Iterable[float]] = ..., counts: _Optional[_Iterable[int]] = ..., sum: _Optional[float] = ...) -> None: ...

class ListPlace(_message.Message):
    __slots__ = ["rank", "score"]
    RANK_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    rank: int
    score: float
    def __init__(self, score: _Optional[float] = ..., rank: _Optional[int] = ...) -> None: ...

class MetadataEntry(_message.Message):
    __slots__ = ["field", "integer", "list", "number", "text"]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    LIST_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    field: str
    integer: int
    list: TextList
    number: float
    text: str
    def __init__(self, field: _Optional[str] = ..., text: _Optional[str] = ..., number: _Optional[float] = ..., list: _Optional[_Union[TextList, _Mapping]] = ..., integer: _Optional[int] = ...) -> None: ...

class MetricLabel(_message.Message):
    __slots__ = ["name", "value"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class MetricSample(_message.Message):
    __slots__ = ["counter", "gauge", "histogram", "labels", "name"]
    COUNTER_FIELD_NUMBER: _ClassVar[int]
    GAUGE_FIELD_NUMBER: _ClassVar[int]
    HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    counter: int
    gauge: float
    histogram: HistogramFigures
    labels: _containers.RepeatedCompositeFieldContainer[MetricLabel]
    name: str
    def __init__(self, name: _Optional[str] = ..., labels: _Optional[_Iterable[_Union[MetricLabel, _Mapping]]] = ..., counter: _Optional[int] = ..., gauge: _Optional[float] = ..., histogram: _Optional[_Union[HistogramFigures, _Mapping]] = ...) -> None: ...

class NodeStatus(_message.Message):
    __slots__ = ["aliases", "collection", "detail", "dimension", "epoch", "fingerprint", "name", "partitions", "passages", "role", "samples", "state"]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    DIMENSION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.RepeatedScalarFieldContainer[str]
    collection: str
    detail: str
    dimension: int
    epoch: int
    fingerprint: bytes
    name: str
    partitions: _containers.RepeatedCompositeFieldContainer[PartitionFigures]
    passages: int
    role: NodeRole
    samples: _containers.RepeatedCompositeFieldContainer[MetricSample]
    state: NodeState
    def __init__(self, name: _Optional[str] = ..., role: _Optional[_Union[NodeRole, str]] = ..., state: _Optional[_Union[NodeState, str]] = ..., passages: _Optional[int] = ..., fingerprint: _Optional[bytes] = ..., detail: _Optional[str] = ..., partitions: _Optional[_Iterable[_Union[PartitionFigures, _Mapping]]] = ..., samples: _Optional[_Iterable[_Union[MetricSample, _Mapping]]] = ..., epoch: _Optional[int] = ..., collection: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., dimension: _Optional[int] = ...) -> None: ...

class PartitionFigures(_message.Message):
    __slots__ = ["epoch", "partition", "passages", "search_us"]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    SEARCH_US_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    partition: int
    passages: int
    search_us: int
    def __init__(self, partition: _Optional[int] = ..., passages: _Optional[int] = ..., epoch: _Optional[int] = ..., search_us: _Optional[int] = ...) -> None: ...

class PartitionOutcome(_message.Message):
    __slots__ = ["deleted", "inserted", "partition", "replaced"]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    INSERTED_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    REPLACED_FIELD_NUMBER: _ClassVar[int]
    deleted: int
    inserted: int
    partition: int
    replaced: int
    def __init__(self, partition: _Optional[int] = ..., inserted: _Optional[int] = ..., replaced: _Optional[int] = ..., deleted: _Optional[int] = ...) -> None: ...

class Passage(_message.Message):
    __slots__ = ["id", "metadata", "text", "title"]
    ID_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    id: str
    metadata: _containers.RepeatedCompositeFieldContainer[MetadataEntry]
    text: str
    title: str
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., text: _Optional[str] = ..., metadata: _Optional[_Iterable[_Union[MetadataEntry, _Mapping]]] = ...) -> None: ...

class PingReply(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class PingRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class QueryHits(_message.Message):
    __slots__ = ["passages"]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    passages: _containers.RepeatedCompositeFieldContainer[ScoredPassage]
    def __init__(self, passages: _Optional[_Iterable[_Union[ScoredPassage, _Mapping]]] = ...) -> None: ...

class Sampling(_message.Message):
    __slots__ = ["max_tokens", "seed", "stop", "temperature", "top_k", "top_p"]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    TOP_P_FIELD_NUMBER: _ClassVar[int]
    max_tokens: int
    seed: int
    stop: _containers.RepeatedScalarFieldContainer[str]
    temperature: float
    top_k: int
    top_p: float
    def __init__(self, temperature: _Optional[float] = ..., top_p: _Optional[float] = ..., top_k: _Optional[int] = ..., seed: _Optional[int] = ..., stop: _Optional[_Iterable[str]] = ..., max_tokens: _Optional[int] = ...) -> None: ...

class ScoredPassage(_message.Message):
    __slots__ = ["by_vector", "by_words", "passage", "rank", "score"]
    BY_VECTOR_FIELD_NUMBER: _ClassVar[int]
    BY_WORDS_FIELD_NUMBER: _ClassVar[int]
    PASSAGE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    by_vector: ListPlace
    by_words: ListPlace
    passage: Passage
    rank: int
    score: float
    def __init__(self, passage: _Optional[_Union[Passage, _Mapping]] = ..., score: _Optional[float] = ..., rank: _Optional[int] = ..., by_vector: _Optional[_Union[ListPlace, _Mapping]] = ..., by_words: _Optional[_Union[ListPlace, _Mapping]] = ...) -> None: ...

class SearchOptions(_message.Message):
    __slots__ = ["candidates", "exact", "filter", "min_epoch", "probes", "recall"]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    MIN_EPOCH_FIELD_NUMBER: _ClassVar[int]
    PROBES_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    candidates: int
    exact: bool
    filter: Filter
    min_epoch: int
    probes: int
    recall: float
    def __init__(self, exact: bool = ..., recall: _Optional[float] = ..., probes: _Optional[int] = ..., candidates: _Optional[int] = ..., filter: _Optional[_Union[Filter, _Mapping]] = ..., min_epoch: _Optional[int] = ...) -> None: ...

class SearchReply(_message.Message):
    __slots__ = ["completeness", "filter_applied", "passages", "timings", "words_searched"]
    COMPLETENESS_FIELD_NUMBER: _ClassVar[int]
    FILTER_APPLIED_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    WORDS_SEARCHED_FIELD_NUMBER: _ClassVar[int]
    completeness: Completeness
    filter_applied: bool
    passages: _containers.RepeatedCompositeFieldContainer[ScoredPassage]
    timings: Timings
    words_searched: bool
    def __init__(self, passages: _Optional[_Iterable[_Union[ScoredPassage, _Mapping]]] = ..., completeness: _Optional[_Union[Completeness, _Mapping]] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ..., filter_applied: bool = ..., words_searched: bool = ...) -> None: ...

class SearchRequest(_message.Message):
    __slots__ = ["completeness", "k", "options", "prompt", "words", "words_weight"]
    COMPLETENESS_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    WORDS_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    completeness: CompletenessPolicy
    k: int
    options: SearchOptions
    prompt: str
    words: WordsMode
    words_weight: float
    def __init__(self, prompt: _Optional[str] = ..., k: _Optional[int] = ..., completeness: _Optional[_Union[CompletenessPolicy, str]] = ..., options: _Optional[_Union[SearchOptions, _Mapping]] = ..., words: _Optional[_Union[WordsMode, str]] = ..., words_weight: _Optional[float] = ...) -> None: ...

class ShardOutcome(_message.Message):
    __slots__ = ["duration_us", "message", "name", "partitions", "passages_searched", "search_us", "state", "turn"]
    DURATION_US_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_SEARCHED_FIELD_NUMBER: _ClassVar[int]
    SEARCH_US_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TURN_FIELD_NUMBER: _ClassVar[int]
    duration_us: int
    message: str
    name: str
    partitions: _containers.RepeatedCompositeFieldContainer[PartitionFigures]
    passages_searched: int
    search_us: int
    state: ShardState
    turn: ShardTurn
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[ShardState, str]] = ..., message: _Optional[str] = ..., passages_searched: _Optional[int] = ..., duration_us: _Optional[int] = ..., search_us: _Optional[int] = ..., turn: _Optional[_Union[ShardTurn, str]] = ..., partitions: _Optional[_Iterable[_Union[PartitionFigures, _Mapping]]] = ...) -> None: ...

class ShardSearchReply(_message.Message):
    __slots__ = ["filter_applied", "partitions", "passages_searched", "queries", "search_us", "words"]
    FILTER_APPLIED_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_SEARCHED_FIELD_NUMBER: _ClassVar[int]
    QUERIES_FIELD_NUMBER: _ClassVar[int]
    SEARCH_US_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    filter_applied: bool
    partitions: _containers.RepeatedCompositeFieldContainer[PartitionFigures]
    passages_searched: int
    queries: _containers.RepeatedCompositeFieldContainer[QueryHits]
    search_us: int
    words: ShardWords
    def __init__(self, queries: _Optional[_Iterable[_Union[QueryHits, _Mapping]]] = ..., passages_searched: _Optional[int] = ..., filter_applied: bool = ..., words: _Optional[_Union[ShardWords, _Mapping]] = ..., partitions: _Optional[_Iterable[_Union[PartitionFigures, _Mapping]]] = ..., search_us: _Optional[int] = ...) -> None: ...

class ShardSearchRequest(_message.Message):
    __slots__ = ["client", "k", "options", "partitions", "words"]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    client: int
    k: int
    options: SearchOptions
    partitions: _containers.RepeatedScalarFieldContainer[int]
    words: WordsQuery
    def __init__(self, k: _Optional[int] = ..., options: _Optional[_Union[SearchOptions, _Mapping]] = ..., words: _Optional[_Union[WordsQuery, _Mapping]] = ..., partitions: _Optional[_Iterable[int]] = ..., client: _Optional[int] = ...) -> None: ...

class ShardWordHit(_message.Message):
    __slots__ = ["frequencies", "length", "passage", "title_count", "title_terms"]
    FREQUENCIES_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    PASSAGE_FIELD_NUMBER: _ClassVar[int]
    TITLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    TITLE_TERMS_FIELD_NUMBER: _ClassVar[int]
    frequencies: _containers.RepeatedScalarFieldContainer[int]
    length: int
    passage: Passage
    title_count: int
    title_terms: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, passage: _Optional[_Union[Passage, _Mapping]] = ..., frequencies: _Optional[_Iterable[int]] = ..., length: _Optional[int] = ..., title_terms: _Optional[_Iterable[int]] = ..., title_count: _Optional[int] = ...) -> None: ...

class ShardWords(_message.Message):
    __slots__ = ["hits", "passages", "passages_with_term", "terms", "tokens", "weight"]
    HITS_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_WITH_TERM_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    hits: _containers.RepeatedCompositeFieldContainer[ShardWordHit]
    passages: int
    passages_with_term: _containers.RepeatedScalarFieldContainer[int]
    terms: _containers.RepeatedScalarFieldContainer[str]
    tokens: int
    weight: float
    def __init__(self, terms: _Optional[_Iterable[str]] = ..., passages: _Optional[int] = ..., tokens: _Optional[int] = ..., passages_with_term: _Optional[_Iterable[int]] = ..., hits: _Optional[_Iterable[_Union[ShardWordHit, _Mapping]]] = ..., weight: _Optional[float] = ...) -> None: ...

class StatusReply(_message.Message):
    __slots__ = ["nodes"]
    NODES_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[NodeStatus]
    def __init__(self, nodes: _Optional[_Iterable[_Union[NodeStatus, _Mapping]]] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class StoreStatesReply(_message.Message):
    __slots__ = ["stored"]
    STORED_FIELD_NUMBER: _ClassVar[int]
    stored: int
    def __init__(self, stored: _Optional[int] = ...) -> None: ...

class StoreStatesRequest(_message.Message):
    __slots__ = ["keys"]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, keys: _Optional[_Iterable[bytes]] = ...) -> None: ...

class TensorDescription(_message.Message):
    __slots__ = ["data_type", "shape"]
    DATA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    data_type: DataType
    shape: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, data_type: _Optional[_Union[DataType, str]] = ..., shape: _Optional[_Iterable[int]] = ...) -> None: ...

class TextList(_message.Message):
    __slots__ = ["values"]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, values: _Optional[_Iterable[str]] = ...) -> None: ...

class Timings(_message.Message):
    __slots__ = ["first_token_us", "prompt_us", "queue_us", "read_us", "search_us", "total_us"]
    FIRST_TOKEN_US_FIELD_NUMBER: _ClassVar[int]
    PROMPT_US_FIELD_NUMBER: _ClassVar[int]
    QUEUE_US_FIELD_NUMBER: _ClassVar[int]
    READ_US_FIELD_NUMBER: _ClassVar[int]
    SEARCH_US_FIELD_NUMBER: _ClassVar[int]
    TOTAL_US_FIELD_NUMBER: _ClassVar[int]
    first_token_us: int
    prompt_us: int
    queue_us: int
    read_us: int
    search_us: int
    total_us: int
    def __init__(self, queue_us: _Optional[int] = ..., prompt_us: _Optional[int] = ..., search_us: _Optional[int] = ..., read_us: _Optional[int] = ..., first_token_us: _Optional[int] = ..., total_us: _Optional[int] = ...) -> None: ...

class Token(_message.Message):
    __slots__ = ["alternatives", "logprob", "passage_attention", "text", "token"]
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    LOGPROB_FIELD_NUMBER: _ClassVar[int]
    PASSAGE_ATTENTION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    alternatives: _containers.RepeatedCompositeFieldContainer[TokenCandidate]
    logprob: float
    passage_attention: _containers.RepeatedScalarFieldContainer[float]
    text: str
    token: int
    def __init__(self, text: _Optional[str] = ..., token: _Optional[int] = ..., logprob: _Optional[float] = ..., alternatives: _Optional[_Iterable[_Union[TokenCandidate, _Mapping]]] = ..., passage_attention: _Optional[_Iterable[float]] = ...) -> None: ...

class TokenCandidate(_message.Message):
    __slots__ = ["logprob", "text", "token"]
    LOGPROB_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    logprob: float
    text: bytes
    token: int
    def __init__(self, token: _Optional[int] = ..., text: _Optional[bytes] = ..., logprob: _Optional[float] = ...) -> None: ...

class UpsertReply(_message.Message):
    __slots__ = ["cut", "epoch", "found", "inserted", "replaced"]
    CUT_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    INSERTED_FIELD_NUMBER: _ClassVar[int]
    REPLACED_FIELD_NUMBER: _ClassVar[int]
    cut: int
    epoch: int
    found: bool
    inserted: int
    replaced: int
    def __init__(self, replaced: _Optional[int] = ..., inserted: _Optional[int] = ..., cut: _Optional[int] = ..., epoch: _Optional[int] = ..., found: bool = ...) -> None: ...

class UpsertRequest(_message.Message):
    __slots__ = ["passages", "update_key", "wait"]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    UPDATE_KEY_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    passages: _containers.RepeatedCompositeFieldContainer[Passage]
    update_key: bytes
    wait: UpdateWait
    def __init__(self, passages: _Optional[_Iterable[_Union[Passage, _Mapping]]] = ..., wait: _Optional[_Union[UpdateWait, str]] = ..., update_key: _Optional[bytes] = ...) -> None: ...

class WordsQuery(_message.Message):
    __slots__ = ["count", "text"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    count: int
    text: str
    def __init__(self, text: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class DataType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ErrorCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class WordsMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class PassageEncoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class CompletenessPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ShardState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ShardTurn(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class FinishReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class AbstainReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class EmbedRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class UpdateWait(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class NodeRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class NodeState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class StatePresence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
