"""How DuckDB reads the JSON of every platform: the columns that the source reads, too, and the way to its messages."""

_TELEGRAM = """columns = {name: 'VARCHAR', type: 'VARCHAR', id: 'BIGINT', messages: 'STRUCT(id BIGINT, type VARCHAR,
    date VARCHAR, date_unixtime VARCHAR, edited VARCHAR, edited_unixtime VARCHAR, "from" VARCHAR, from_id VARCHAR,
    reply_to_message_id BIGINT, photo VARCHAR, photo_file_size BIGINT, text JSON,
    text_entities STRUCT(type VARCHAR, text VARCHAR)[], reactions STRUCT(type VARCHAR, "count" INTEGER, emoji VARCHAR,
    recent STRUCT("from" VARCHAR, from_id VARCHAR, date VARCHAR)[])[])[]'}"""
_SLACK = """columns = {type: 'VARCHAR', subtype: 'VARCHAR', text: 'VARCHAR', "user": 'VARCHAR', ts: 'VARCHAR',
    thread_ts: 'VARCHAR', blocks: 'JSON', user_profile: 'STRUCT(real_name VARCHAR, display_name VARCHAR, name VARCHAR)',
    files: 'STRUCT(id VARCHAR, name VARCHAR, mimetype VARCHAR, size BIGINT, url_private VARCHAR)[]',
    reactions: 'STRUCT(name VARCHAR, users VARCHAR[], "count" INTEGER)[]', edited: 'STRUCT("user" VARCHAR, ts VARCHAR)'}"""
_MATRIX = """columns = {messages: 'STRUCT(type VARCHAR, sender VARCHAR, state_key VARCHAR, origin_server_ts BIGINT,
    event_id VARCHAR, room_id VARCHAR, unsigned JSON, content STRUCT(msgtype VARCHAR, body VARCHAR, url VARCHAR,
    formatted_body VARCHAR, info STRUCT(mimetype VARCHAR, size BIGINT), "m.relates_to" JSON, "m.mentions" JSON))[]'}"""
_GOOGLE_CHAT = """columns = {messages: 'STRUCT(creator STRUCT(name VARCHAR, email VARCHAR, user_type VARCHAR),
    created_date VARCHAR, "text" VARCHAR, topic_id VARCHAR, message_id VARCHAR,
    attached_files STRUCT(original_name VARCHAR, export_name VARCHAR)[],
    reactions STRUCT(emoji STRUCT(unicode VARCHAR), reactor_emails VARCHAR[])[])[]'}"""
_HANGOUTS = """columns = {conversations: 'STRUCT(events STRUCT(conversation_id STRUCT(id VARCHAR),
    sender_id STRUCT(gaia_id VARCHAR), "timestamp" VARCHAR, event_id VARCHAR, event_type VARCHAR,
    chat_message STRUCT(message_content STRUCT(segment STRUCT("type" VARCHAR, "text" VARCHAR)[])))[])[]'}"""
_IN_EVENTS = (
    "SELECT unnest(event) FROM (SELECT unnest(c.events) AS event FROM (SELECT unnest(conversations) AS c FROM {}))"
)
_IN_MESSAGES = "SELECT unnest(message) FROM (SELECT unnest(messages) AS message FROM {})"

_DISCORD = """columns = {messages: 'STRUCT(id VARCHAR, type VARCHAR, "timestamp" VARCHAR, timestampEdited VARCHAR,
    content VARCHAR, author STRUCT(id VARCHAR, name VARCHAR, nickname VARCHAR, isBot BOOLEAN),
    attachments STRUCT(id VARCHAR, url VARCHAR, fileName VARCHAR, fileSizeBytes BIGINT)[], embeds JSON, stickers JSON,
    reactions STRUCT(emoji STRUCT(id VARCHAR, name VARCHAR), "count" INTEGER, users STRUCT(id VARCHAR, name VARCHAR)[])[],
    mentions STRUCT(id VARCHAR, name VARCHAR)[], reference STRUCT(messageId VARCHAR))[]'}"""
_MESSENGER = """columns = {messages: 'STRUCT(sender_name VARCHAR, timestamp_ms BIGINT, content VARCHAR,
    photos STRUCT(uri VARCHAR)[], reactions STRUCT(reaction VARCHAR, actor VARCHAR)[])[]'}"""
_TEAMS = """columns = {conversations: 'STRUCT(MessageList STRUCT(id VARCHAR, displayName VARCHAR, originalarrivaltime VARCHAR,
    messagetype VARCHAR, content VARCHAR, "from" VARCHAR, properties JSON)[])[]'}"""
_SIGNAL = """columns = {type: 'VARCHAR', conversationId: 'VARCHAR', sourceServiceId: 'VARCHAR', sent_at: 'BIGINT',
    timestamp: 'BIGINT', body: 'VARCHAR', attachments: 'STRUCT(contentType VARCHAR, fileName VARCHAR, size BIGINT)[]',
    reactions: 'STRUCT(emoji VARCHAR, fromId VARCHAR, timestamp BIGINT)[]', quote: 'STRUCT(id BIGINT, authorAci VARCHAR)'}"""
_SIGNAL_OWN = """columns = {chatItem: 'STRUCT(chatId VARCHAR, authorId VARCHAR, dateSent VARCHAR,
    standardMessage STRUCT("text" STRUCT(body VARCHAR), quote STRUCT(targetSentTimestamp VARCHAR, authorId VARCHAR),
    attachments STRUCT(pointer STRUCT(contentType VARCHAR, fileName VARCHAR, locatorInfo STRUCT(size BIGINT)))[],
    reactions STRUCT(emoji VARCHAR, authorId VARCHAR, sentTimestamp VARCHAR)[]))'}"""
_SIGEXPORT = """columns = {date: 'VARCHAR', sender: 'VARCHAR', body: 'VARCHAR', quote: 'VARCHAR', sticker: 'VARCHAR',
    reactions: 'VARCHAR[][]', attachments: 'STRUCT(name VARCHAR, path VARCHAR)[]'}"""
_GENERIC = """columns = {id: 'VARCHAR', ts: 'VARCHAR', author: 'VARCHAR', thread: 'VARCHAR', text: 'VARCHAR',
    reply_to: 'VARCHAR'}"""
_IN_LIST = "SELECT unnest(message) FROM (SELECT unnest(c.MessageList) AS message FROM (SELECT unnest(conversations) AS c FROM {}))"

QUERIES: dict[str, tuple[str, str]] = {
    "telegram": (_TELEGRAM, _IN_MESSAGES),
    "matrix": (_MATRIX, _IN_MESSAGES),
    "slack": (_SLACK, "FROM {}"),
    "google_chat": (_GOOGLE_CHAT, _IN_MESSAGES),
    "discord": (_DISCORD, _IN_MESSAGES),
    "messenger": (_MESSENGER, _IN_MESSAGES),
    "teams": (_TEAMS, _IN_LIST),
    "signal": (_SIGNAL, "FROM {}"),
    "signal_own": (_SIGNAL_OWN, "SELECT chatItem FROM {} WHERE chatItem IS NOT NULL"),
    "sigexport": (_SIGEXPORT, "FROM {}"),
    "generic": (_GENERIC, "FROM {}"),
    "generic_array": (_GENERIC, "FROM {}"),
    "hangouts": (_HANGOUTS, _IN_EVENTS),
}
"""By platform: the columns, and what selects the messages from a call of `read_json`."""
