<?php
// bulkCreate as a careful plugin author writes it: item by item with prepared
// statements, on Tranche's own tables and keys, with the same checks and the
// same protection against double booking. References are cached; everything
// else is asked for each item.
//
//   DB_PASSWORD=… php pdo_loop.php SOCKET FILE.ndjson JOB transaction|autocommit
declare(strict_types=1);

const WINDOW_S = 3600;
const ITEMS_PER_TRANSACTION = 1000;
const FIELDS = ['client_id', 'content_id', 'version_no', 'schedule_type', 'title', 'starts_at', 'duration_s', 'resources', 'assignees'];
const GRANTS = ['schedule_content' => ['types' => null, 'own_only' => false]];

final class Scheduler
{
    private array $statements = [];
    private array $versions = [];
    private array $resources = [];

    public function __construct(private PDO $db, private int $job, private int $user) {}

    private function run(string $sql, array $values): PDOStatement
    {
        $statement = $this->statements[$sql] ??= $this->db->prepare($sql);
        $statement->execute($values);
        return $statement;
    }

    private static function marks(int $rows, string $row = '?'): string
    {
        return implode(',', array_fill(0, $rows, $row));
    }

    private function validate(array $item): array
    {
        $errors = [];
        foreach (array_keys($item) as $name)
            if (!in_array($name, FIELDS, true)) $errors[] = "/$name: unknown_field";
        if (!is_int($item['content_id'] ?? null) || $item['content_id'] < 1) $errors[] = '/content_id: invalid';
        if (!is_int($item['version_no'] ?? 0) || ($item['version_no'] ?? 0) < 0) $errors[] = '/version_no: invalid';
        if (!is_int($item['duration_s'] ?? null) || $item['duration_s'] < 0) $errors[] = '/duration_s: invalid';
        if (!is_string($item['title'] ?? '') || !preg_match('/^.{0,255}$/us', $item['title'] ?? '')) $errors[] = '/title: too_long';
        if (!is_string($item['client_id'] ?? '') || strlen($item['client_id'] ?? '') > 100) $errors[] = '/client_id: too_long';
        $start = DateTimeImmutable::createFromFormat('!Y-m-d\TH:i:sp', $item['starts_at'] ?? '');
        if (!$start || DateTimeImmutable::getLastErrors()) $errors[] = '/starts_at: invalid_time';
        foreach (['resources', 'assignees'] as $list)
            foreach ($item[$list] ?? [] as $n => $id)
                if (!is_int($id)) $errors[] = "/$list/$n: invalid";
        return [$errors, $start ? $start->getTimestamp() : 0];
    }

    private function checkReferences(array $item): array
    {
        $errors = [];
        $content = $item['content_id'];
        $this->versions[$content] ??= $this->run('SELECT version_no, 1 FROM tr_content_versions WHERE content_id = ?', [$content])
            ->fetchAll(PDO::FETCH_KEY_PAIR);
        if (!isset($this->versions[$content][$item['version_no']])) $errors[] = '/version_no: version_not_found';
        foreach (['resources' => false, 'assignees' => true] as $list => $isPerson)
            foreach ($item[$list] ?? [] as $id) {
                $this->resources[$id] ??= $this->run('SELECT kind, active, capacity, overlap FROM tr_resources WHERE id = ?', [$id])
                    ->fetch(PDO::FETCH_ASSOC) ?: ['kind' => '', 'active' => 0];
                $found = $this->resources[$id];
                if (!$found['active'] || ($found['kind'] === 'person') !== $isPerson) $errors[] = "/$list: resource_not_found";
            }
        $grant = GRANTS['schedule_content'] ?? null;
        if (!$grant || ($grant['types'] !== null && !in_array($item['schedule_type'], $grant['types'], true)))
            $errors[] = '/content_id: not_permitted';
        return $errors;
    }

    private function isDuplicate(array $item): bool
    {
        return isset($item['client_id']) && $this->run(
            'SELECT id, payload_hash FROM tr_scheduled_events WHERE created_by = ? AND client_id = ?',
            [$this->user, $item['client_id']])->fetch() !== false;
    }

    // Nobody else may write to these calendars until we commit.
    private function lockCalendars(array $calendars, int $duration): void
    {
        $values = [];
        foreach ($calendars as [$kind, $id]) array_push($values, $kind, $id, $duration);
        $this->run('INSERT INTO tr_calendars (kind, ref_id, ver, max_duration_s) VALUES ' . self::marks(count($calendars), '(?,?,1,?)') .
            ' ON DUPLICATE KEY UPDATE ver = ver + 1, max_duration_s = GREATEST(max_duration_s, VALUES(max_duration_s))', $values);
    }

    private function conflicts(array $item, int $start, int $end, array $places): array
    {
        $found = $this->run('SELECT event_id FROM tr_busy WHERE calendar_kind = 1 AND calendar_id = ? AND day IN (?, ?)' .
            ' AND start_utc > ? AND start_utc < ? AND version_no <> ? LIMIT 20', [$item['content_id'], intdiv($start - WINDOW_S, 86400),
            intdiv($start + WINDOW_S, 86400), $start - WINDOW_S, $start + WINDOW_S, $item['version_no']])->fetchAll(PDO::FETCH_COLUMN);
        if (!$places || $end === $start) return $found;
        return array_merge($found, $this->run('SELECT event_id FROM tr_busy WHERE calendar_kind = 2 AND calendar_id IN (' .
            self::marks(count($places)) . ') AND day IN (?, ?) AND start_utc < ? AND end_utc > ? LIMIT 20',
            [...$places, intdiv($start, 86400) - 1, intdiv($end, 86400), $end, $start])->fetchAll(PDO::FETCH_COLUMN));
    }

    private function write(array $item, int $ordinal, int $start, int $end, array $calendars): int
    {
        $from = gmdate('Y-m-d H:i:s', $start);
        $this->run('INSERT INTO tr_scheduled_events (client_id, content_id, version_no, schedule_type, title, starts_at, ends_at,' .
            ' duration_s, payload_hash, next_due_at, created_by, origin_job_id, origin_ordinal) VALUES (' . self::marks(13) . ')',
            [$item['client_id'] ?? null, $item['content_id'], $item['version_no'], $item['schedule_type'], $item['title'] ?? '', $from,
            gmdate('Y-m-d H:i:s', $end), $end - $start, crc32(serialize($item)), $from, $this->user, $this->job, $ordinal]);
        $event = (int)$this->db->lastInsertId();
        $busy = $roles = [];
        foreach ($calendars as [$kind, $id])
            array_push($busy, $kind, $id, intdiv($start, 86400), $start, $event, $start, $end, $item['version_no']);
        $this->run('INSERT INTO tr_busy (calendar_kind, calendar_id, day, start_utc, event_id, local_start, end_utc, version_no) VALUES ' .
            self::marks(count($calendars), '(?,?,?,?,?,?,?,?)'), $busy);
        foreach (['resources' => 'resource', 'assignees' => 'assignee'] as $list => $role)
            foreach ($item[$list] ?? [] as $id) array_push($roles, $event, $id, $role);
        if ($roles)
            $this->run('INSERT INTO tr_event_resources (event_id, resource_id, role) VALUES ' .
                self::marks(intdiv(count($roles), 3), '(?,?,?)'), $roles);
        return $event;
    }

    // Outcomes as in batch_job_items: 1 succeeded, 2 unchanged, 5 failed.
    private function work(array $item, int $ordinal): array
    {
        [$errors, $start] = $this->validate($item);
        $errors = $errors ?: $this->checkReferences($item);
        if ($errors) return [5, 0, json_encode($errors)];
        if ($this->isDuplicate($item)) return [2, 0, null];
        $end = $start + $item['duration_s'];
        $places = [...($item['resources'] ?? []), ...($item['assignees'] ?? [])];
        $calendars = [[1, $item['content_id']]];
        foreach ($places as $id) $calendars[] = [2, $id];
        $this->lockCalendars($calendars, $item['duration_s']);
        $conflicts = $this->conflicts($item, $start, $end, $places);
        if ($conflicts) return [5, 0, json_encode(['conflicts' => $conflicts])];
        return [1, $this->write($item, $ordinal, $start, $end, $calendars), null];
    }

    public function schedule(string $line, int $ordinal): int
    {
        $item = json_decode($line, true, 32);
        [$outcome, $event, $detail] = is_array($item) ? $this->work($item, $ordinal) : [5, 0, '["malformed"]'];
        $this->run('INSERT INTO bench_results (job_id, ordinal, outcome, event_id, detail) VALUES (?, ?, ?, ?, ?)',
            [$this->job, $ordinal, $outcome, $event, $detail]);
        return $outcome;
    }
}

function cpuSeconds(): float
{
    $use = getrusage();
    return $use['ru_utime.tv_sec'] + $use['ru_stime.tv_sec'] + ($use['ru_utime.tv_usec'] + $use['ru_stime.tv_usec']) / 1e6;
}

[, $socket, $file, $job, $mode] = $argv;
$db = new PDO("mysql:unix_socket=$socket;dbname=tranche;charset=utf8mb4", 'tranche', getenv('DB_PASSWORD'), [
    PDO::ATTR_EMULATE_PREPARES => false, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
]);
$db->exec('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
$db->exec("SET time_zone = '+00:00'");
$scheduler = new Scheduler($db, (int)$job, 1);
$lines = file($file, FILE_IGNORE_NEW_LINES);
$inTransactions = $mode === 'transaction';
$succeeded = 0;
$began = microtime(true);
$cpu = cpuSeconds();
foreach ($lines as $ordinal => $line) {
    if ($inTransactions && $ordinal % ITEMS_PER_TRANSACTION === 0) $db->beginTransaction();
    $succeeded += $scheduler->schedule($line, $ordinal) === 1 ? 1 : 0;
    if ($inTransactions && ($ordinal + 1) % ITEMS_PER_TRANSACTION === 0) $db->commit();
}
if ($db->inTransaction()) $db->commit();
echo json_encode(['items' => count($lines), 'seconds' => microtime(true) - $began, 'own_cpu' => cpuSeconds() - $cpu,
    'succeeded' => $succeeded, 'rss_kib' => intdiv(memory_get_peak_usage(true), 1024)]), "\n";
