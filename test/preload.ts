// Tests decide about the environment themselves.
delete process.env['DATABASE_URL']
delete process.env['REDIS_URL']
