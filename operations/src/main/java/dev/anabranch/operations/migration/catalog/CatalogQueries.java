// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

/**
 * The questions to pg_catalog. Each takes the schema's oid as its only parameter, as often as it names {@code ?}, and leaves
 * out what belongs to an extension and the history of migrations.
 */
final class CatalogQueries {
    private CatalogQueries() {}

    /** The table in which the runner keeps what has been applied. */
    static final String HISTORY = "flyway_schema_history";

    private static String own(String catalog, String oid) {
        return " not exists (select from pg_depend e where e.deptype = 'e' and e.classid = '" + catalog
                + "'::regclass and e.objid = " + oid + ")";
    }

    private static final String RELATION = " c.relnamespace = ? and c.relname <> '" + HISTORY + "' and"
            + own("pg_class", "c.oid");

    // pg_get_indexdef names the schema whatever the search path is; what follows the table's name does not.
    static final String TABLES = """
            select c.oid, c.reltype, c.relname, c.relpersistence = 'u' as unlogged, c.relkind,
                   case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as key,
                   pg_get_expr(c.relpartbound, c.oid) as bound,
                   array(select h.inhparent::regclass::text from pg_inherits h where h.inhrelid = c.oid
                         order by h.inhseqno) as parents,
                   array(select p.relname from pg_inherits h join pg_class p on p.oid = h.inhparent
                         where h.inhrelid = c.oid order by h.inhseqno) as parent_names,
                   array(select o from unnest(c.reloptions) o order by o) as options,
                   c.relreplident,
                   (select pg_get_indexdef(i.indexrelid) from pg_index i
                     where i.indrelid = c.oid and i.indisreplident) as identity_index,
                   (select format('CREATE UNIQUE INDEX %I ON %s%s.%I ', x.relname,
                                  case when c.relkind = 'p' then 'ONLY ' else '' end, c.relnamespace::regnamespace, c.relname)
                     from pg_index i join pg_class x on x.oid = i.indexrelid
                     where i.indrelid = c.oid and i.indisreplident) as identity_head,
                   c.relrowsecurity, c.relforcerowsecurity, obj_description(c.oid, 'pg_class') as comment
            from pg_class c where c.relkind in ('r', 'p') and""" + RELATION + " order by c.relname";

    static final String COLUMNS = """
            select c.oid, a.attnum, c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod) as type,
                   case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end as collation,
                   a.attnotnull as not_null, pg_get_expr(d.adbin, d.adrelid) as expression, d.oid as default_oid,
                   a.attgenerated, a.attidentity, not a.attislocal as inherited,
                   col_description(c.oid, a.attnum) as comment,
                   s.oid as sequence_oid, s.relname as sequence,
                   format('nextval(%L::regclass)', s.oid::regclass::text) as next_value,
                   (select count(*) from pg_depend u where u.refclassid = 'pg_class'::regclass and u.refobjid = s.oid
                     and u.deptype = 'n') as uses,
                   format_type(q.seqtypid, null) as sequence_type, q.seqstart, q.seqmin, q.seqmax, q.seqincrement,
                   q.seqcache, q.seqcycle, obj_description(s.oid, 'pg_class') as sequence_comment,
                   s.relpersistence as sequence_persistence, c.relpersistence
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            join pg_type t on t.oid = a.atttypid
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            left join lateral (select x.oid, x.relname, x.relpersistence from pg_depend o join pg_class x on x.oid = o.objid
                     where o.refclassid = 'pg_class'::regclass and o.refobjid = c.oid and o.refobjsubid = a.attnum
                       and o.classid = 'pg_class'::regclass and o.deptype in ('a', 'i') and x.relkind = 'S'
                     order by o.deptype desc, x.relname limit 1) s on true
            left join pg_sequence q on q.seqrelid = s.oid
            where c.relkind in ('r', 'p', 'v', 'm', 'c') and""" + RELATION + " order by c.relname, a.attnum";

    /** PostgreSQL 18 holds not-null constraints that are not valid; the columns of such take nulls that were there. */
    static final String INVALID_NOT_NULLS = """
            select n.conrelid, n.conkey[1] as attnum from pg_constraint n join pg_class c on c.oid = n.conrelid
            where n.contype = 'n' and not n.convalidated and""" + RELATION;

    static final String CONSTRAINTS = """
            select n.oid, n.conname, n.contype, c.relname, pg_get_constraintdef(n.oid) as definition,
                   case when n.contype in ('p', 'u', 'x') then n.conindid else 0 end as index_oid,
                   case when n.contype in ('p', 'u', 'x') then substr(pg_get_indexdef(n.conindid),
                     length(format('CREATE %sINDEX %I ON %s%s.%I ', case when i.indisunique then 'UNIQUE ' else '' end,
                       x.relname, case when c.relkind = 'p' then 'ONLY ' else '' end, c.relnamespace::regnamespace, c.relname)) + 1) end as index,
                   case when r.relnamespace = c.relnamespace then r.relname end as refers,
                   n.conparentid <> 0 or not n.conislocal as inherited,
                   obj_description(n.oid, 'pg_constraint') as comment
            from pg_constraint n
            join pg_class c on c.oid = n.conrelid
            left join pg_class x on x.oid = n.conindid
            left join pg_index i on i.indexrelid = n.conindid
            left join pg_class r on r.oid = n.confrelid
            where n.contype in ('p', 'u', 'x', 'c', 'f') and""" + RELATION + " order by c.relname, n.conname";

    static final String INDEXES = """
            select x.oid, x.relname, c.relname as table, i.indisunique, i.indisvalid, i.indnullsnotdistinct,
                   substr(pg_get_indexdef(x.oid),
                     length(format('CREATE %sINDEX %I ON %s%s.%I ', case when i.indisunique then 'UNIQUE ' else '' end,
                       x.relname, case when x.relkind = 'I' then 'ONLY ' else '' end, c.relnamespace::regnamespace,
                       c.relname)) + 1) as definition,
                   x.relispartition as inherited, obj_description(x.oid, 'pg_class') as comment
            from pg_index i
            join pg_class x on x.oid = i.indexrelid
            join pg_class c on c.oid = i.indrelid
            where c.relkind in ('r', 'p', 'm') and not exists (select from pg_constraint n
                     where n.conindid = x.oid and n.contype in ('p', 'u', 'x')) and""" + RELATION
            + " order by c.relname, x.relname";

    static final String SEQUENCES = """
            select c.oid, c.relname, format_type(q.seqtypid, null) as sequence_type, q.seqstart, q.seqmin, q.seqmax,
                   q.seqincrement, q.seqcache, q.seqcycle, o.relname as owner_table, a.attname as owner_column,
                   c.relpersistence = 'u' as unlogged, obj_description(c.oid, 'pg_class') as comment
            from pg_class c
            join pg_sequence q on q.seqrelid = c.oid
            left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'a'
                 and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
            left join pg_class o on o.oid = d.refobjid and o.relnamespace = c.relnamespace
            left join pg_attribute a on a.attrelid = o.oid and a.attnum = d.refobjsubid
            where c.relkind = 'S' and""" + RELATION + " order by c.relname";

    static final String VIEWS = """
            select c.oid, c.reltype, w.oid as rule_oid, c.relname, c.relkind = 'm' as materialized,
                   pg_get_viewdef(c.oid) as query,
                   array(select o from unnest(c.reloptions) o order by o) as options,
                   obj_description(c.oid, 'pg_class') as comment
            from pg_class c join pg_rewrite w on w.ev_class = c.oid and w.rulename = '_RETURN'
            where c.relkind in ('v', 'm') and""" + RELATION + " order by c.relname";

    static final String TYPES = """
            select t.oid, t.typarray, t.typname, t.typtype, t.typrelid, format_type(t.typbasetype, t.typtypmod) as base,
                   case when t.typcollation <> b.typcollation then t.typcollation::regcollation::text end as collation,
                   t.typnotnull, t.typdefault, pg_get_expr(t.typdefaultbin, 0) as expression,
                   array(select e.enumlabel::text from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder)
                     as labels,
                   obj_description(t.oid, 'pg_type') as comment
            from pg_type t
            left join pg_type b on b.oid = t.typbasetype
            left join pg_class c on c.oid = t.typrelid
            where t.typnamespace = ? and (t.typtype in ('e', 'd') or (t.typtype = 'c' and c.relkind = 'c')) and"""
            + own("pg_type", "t.oid") + " order by t.typname";

    static final String DOMAIN_CHECKS = """
            select n.oid, n.contypid, n.conname, pg_get_constraintdef(n.oid) as definition,
                   obj_description(n.oid, 'pg_constraint') as comment
            from pg_constraint n where n.connamespace = ? and n.contypid <> 0 and n.contype = 'c' order by 4, 3""";

    static final String ROUTINES = """
            select p.oid, p.proname, p.prokind, pg_get_function_identity_arguments(p.oid) as arguments,
                   oidvectortypes(p.proargtypes) as types,
                   pg_get_function_arguments(p.oid) as signature, pg_get_function_result(p.oid) as result,
                   case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end as definition,
                   format('%I.%I', n.nspname, p.proname) as qualified, quote_ident(p.proname) as quoted,
                   p.prosqlbody is null as text_body, l.lanname, p.prosrc,
                   g.aggtransfn::regproc::text as sfunc, format_type(g.aggtranstype, null) as stype, g.aggtransspace,
                   nullif(g.aggfinalfn::oid, 0)::regproc::text as finalfunc, g.aggfinalextra, g.aggfinalmodify,
                   nullif(g.aggcombinefn::oid, 0)::regproc::text as combinefunc,
                   nullif(g.aggserialfn::oid, 0)::regproc::text as serialfunc,
                   nullif(g.aggdeserialfn::oid, 0)::regproc::text as deserialfunc, g.agginitval,
                   nullif(g.aggmtransfn::oid, 0)::regproc::text as msfunc,
                   nullif(g.aggminvtransfn::oid, 0)::regproc::text as minvfunc,
                   case when g.aggmtranstype <> 0 then format_type(g.aggmtranstype, null) end as mstype,
                   g.aggminitval, nullif(g.aggmfinalfn::oid, 0)::regproc::text as mfinalfunc,
                   case when g.aggsortop <> 0 then 'OPERATOR(' || g.aggsortop::regoper::text || ')' end as sortop,
                   g.aggkind, p.proparallel, obj_description(p.oid, 'pg_proc') as comment
            from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace
            join pg_language l on l.oid = p.prolang
            left join pg_aggregate g on g.aggfnoid = p.oid
            where p.pronamespace = ? and not exists (select from pg_depend i where i.classid = 'pg_proc'::regclass
                     and i.objid = p.oid and i.deptype = 'i') and""" + own("pg_proc", "p.oid")
            + " order by p.proname, arguments";

    static final String TRIGGERS = """
            select t.oid, t.tgname, c.relname, pg_get_triggerdef(t.oid) as definition, t.tgenabled,
                   format('%s.%I', c.relnamespace::regnamespace, c.relname) as qualified, quote_ident(c.relname) as quoted,
                   obj_description(t.oid, 'pg_trigger') as comment
            from pg_trigger t join pg_class c on c.oid = t.tgrelid
            where not t.tgisinternal and t.tgparentid = 0 and""" + RELATION + " order by c.relname, t.tgname";

    static final String POLICIES = """
            select o.oid, o.polname, c.relname, o.polpermissive, o.polcmd,
                   array(select case r when 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(r)) end
                         from unnest(o.polroles) r order by 1) as roles,
                   pg_get_expr(o.polqual, o.polrelid) as using_expression,
                   pg_get_expr(o.polwithcheck, o.polrelid) as check_expression,
                   obj_description(o.oid, 'pg_policy') as comment
            from pg_policy o join pg_class c on c.oid = o.polrelid where""" + RELATION
            + " order by c.relname, o.polname";

    static final String STATISTICS = """
            select s.oid, s.stxname, c.relname, substr(pg_get_statisticsobjdef(s.oid),
                     length(format('CREATE STATISTICS %I.%I ', n.nspname, s.stxname)) + 1) as definition,
                   obj_description(s.oid, 'pg_statistic_ext') as comment
            from pg_statistic_ext s
            join pg_namespace n on n.oid = s.stxnamespace
            join pg_class c on c.oid = s.stxrelid
            where s.stxnamespace = c.relnamespace and""" + RELATION + " order by s.stxname";

    static final String DEPENDENCIES = """
            select distinct d.classid::regclass::text as class, d.objid, d.objsubid,
                   d.refclassid::regclass::text as ref_class, d.refobjid, d.refobjsubid
            from pg_depend d
            where d.refclassid in ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass, 'pg_constraint'::regclass)
              and d.refobjid = any(?)""";
}
