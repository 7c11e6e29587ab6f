/** Returns SQL for the local time of a review, in seconds, as if days began at midnight. */
const localTime = (id: string): string => `strftime('%s', ${id} / 1000 - ?1, 'unixepoch', 'localtime')`;

/**
 * SQL that counts the reviews of each local day, the latest day first. Its parameter is the start of a day in seconds after
 * midnight.
 *
 * SQLite is slow at local time. So this converts the first review of a day, counts by the primary key up to the end of that
 * day, and goes on with the next review. If the clock changes in between, it converts each review of that day.
 */
export const reviewsByDay = `
with recursive
  span(first, next) as (
    select min(id), min(id) from revlog
    union all
    select id, coalesce(id - id % 1000 + 1000 * (86400 - ${localTime('id')} % 86400), id + 1000)
      from span join revlog on id = (select min(id) from revlog where id >= next)
  ),
  day(first, next, isPlain) as materialized (
    select first, next, first > 0
        and ${localTime('(next - 1000)')} - ${localTime('first')} = next / 1000 - 1 - first / 1000
      from span where next > first
  )
select day, sum(count) from (
  select date(first / 1000 - ?1, 'unixepoch', 'localtime') as day,
      (select count() from revlog where id >= first and id < next) as count
    from day where isPlain
  union all
  select date(id / 1000 - ?1, 'unixepoch', 'localtime'), 1
    from day join revlog on id >= first and id < next where isPlain is not true
)
group by day order by day desc`;
