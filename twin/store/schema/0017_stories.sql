CREATE TABLE stories (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "title" TEXT,
  "scenes" TEXT,
  "freshness" BOOLEAN,
  "place" REAL,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX stories_sequence ON stories (sequence);
CREATE TABLE annotations (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "kind" TEXT,
  "points" TEXT,
  "text" TEXT,
  "note" TEXT,
  "color" TEXT,
  "picture" TEXT,
  "visible" BOOLEAN,
  "crs" TEXT,
  "vertical" TEXT,
  "place" REAL,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX annotations_sequence ON annotations (sequence);
