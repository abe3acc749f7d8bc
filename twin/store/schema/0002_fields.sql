ALTER TABLE sources ADD COLUMN "fields" TEXT;
