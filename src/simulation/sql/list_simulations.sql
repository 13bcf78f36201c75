-- Simulations, the newest first; of a draft, of a version, or of the same period as another, where one is named.
select s.simulation_id as "id: SimulationId", s.draft_id as "draft: DraftId", s.ruleset_id as "ruleset: RulesetId", s.version, s.name,
    lower(s.during) as "from!", upper(s.during) as "until!", s.state as "state: SimulationState", s.orders, s.orders_done, s.problem, s.asked_at,
    u.name as "asked_by?", s.ended_at
from simulations s
left join users u on u.user_id = s.asked_by
where ($1::uuid is null or s.draft_id = $1)
    and ($2::uuid is null or (s.ruleset_id = $2 and s.version = $3))
    and ($4::uuid is null or s.simulation_id = $4 or s.during = (select during from simulations where simulation_id = $4))
order by s.simulation_id = $4 desc, s.asked_at desc, s.simulation_id desc
limit $5
