ALTER TABLE sources ADD COLUMN "options" TEXT DEFAULT '[]';
