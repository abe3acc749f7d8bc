CREATE TABLE routes (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "title" TEXT,
  "keyframes" TEXT,
  "crs" TEXT,
  "vertical" TEXT,
  "loop" BOOLEAN,
  "constant_speed" BOOLEAN,
  "extra" TEXT,
  "cues" TEXT DEFAULT '[]',
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX routes_sequence ON routes (sequence);
