-- Generated from egregora_core/messages/_ir.py; edit that instead.
CREATE TABLE IF NOT EXISTS ir_messages (
    event_id UUID NOT NULL,
    tenant_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    thread_id UUID NOT NULL,
    msg_id VARCHAR NOT NULL,
    ts TIMESTAMPTZ NOT NULL,
    seq INTEGER NOT NULL,
    author_raw VARCHAR NOT NULL,
    author_uuid UUID NOT NULL,
    text VARCHAR,
    media_url VARCHAR,
    media_type VARCHAR,
    attrs JSON,
    pii_flags JSON,
    created_at TIMESTAMPTZ NOT NULL,
    created_by_run UUID
);
COMMENT ON COLUMN ir_messages.event_id IS 'Identity: uuid5, under the workspace''s secret, of thread and platform''s id, else of what it says.';
COMMENT ON COLUMN ir_messages.tenant_id IS 'Whose message it is; nothing crosses from one tenant to another.';
COMMENT ON COLUMN ir_messages.source IS 'The platform it came from, as the source names itself (`whatsapp`).';
COMMENT ON COLUMN ir_messages.thread_id IS 'The chat it belongs to: uuid5 of source and platform''s id, else title.';
COMMENT ON COLUMN ir_messages.msg_id IS 'The platform''s message id, or one derived from the message itself.';
COMMENT ON COLUMN ir_messages.ts IS 'When it was sent, in UTC, microseconds.';
COMMENT ON COLUMN ir_messages.seq IS '0, 1, 2 … among messages of one thread with equal ts, in the export''s order.';
COMMENT ON COLUMN ir_messages.author_raw IS 'What the author is called now; empty for system messages.';
COMMENT ON COLUMN ir_messages.author_uuid IS 'Who wrote it: uuid5, under the secret, of source and platform''s id, else name.';
COMMENT ON COLUMN ir_messages.text IS 'The body as written, without the platform''s markers; null where there is none.';
COMMENT ON COLUMN ir_messages.media_url IS 'Where the platform says the attachment is, if it says so.';
COMMENT ON COLUMN ir_messages.media_type IS 'MIME type of the attachment, if there is one.';
COMMENT ON COLUMN ir_messages.attrs IS 'kind, thread, event, edited_at, reply_to, mentions, reactions, media, data, …';
COMMENT ON COLUMN ir_messages.pii_flags IS 'What the privacy stage found in the text, with counts; null before it ran.';
COMMENT ON COLUMN ir_messages.created_at IS 'When this row was written, in UTC.';
COMMENT ON COLUMN ir_messages.created_by_run IS 'The run that wrote this row.';
