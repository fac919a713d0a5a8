import { errorAt } from "../page-form.ts";
import { Badge } from "../../ui/badge.tsx";
import { SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { FieldRow, Form, FormActions, type FormError, FormErrors } from "../../ui/form-layout.tsx";
import { SelectField, TextField } from "../../ui/forms.tsx";
import { Icon } from "../../ui/icon.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Pagination } from "../../ui/pagination.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { ProjectShell, type ProjectPageView } from "../project-shell.tsx";
import type { Member } from "../../projects/queries.ts";
import { roleLabel, ROLES } from "./role-words.ts";

export interface MembersPageProps {
  view: ProjectPageView;
  members: Member[];
  nextCursor: string | null;
  isFirstPage: boolean;
  errors: FormError[];
  /** What was typed into the form for a new member. */
  given: { email: string; role: string };
}

/** Who works in the project; its admins add, change and remove them. */
export function MembersPage({ view, members, nextCursor, isFirstPage, errors, given }: MembersPageProps) {
  const { project, mayManage } = view;
  const here = `/projects/${project.slug}/members`;
  return (
    <ProjectShell view={view} title="Members" section="members" crumbs={[{ label: "Members" }]}>
      <PageHeader
        title="Members"
        description="Who can see this project and what they can do in it. Admins of the instance can do everything in every project."
      />
      {mayManage && <AddCard action={here} errors={errors} given={given} />}
      <Card flush>
        <Table caption="Members" rows={members} columns={columnsOf(here, mayManage)} />
      </Card>
      <Pagination
        previousHref={isFirstPage ? undefined : here}
        previousLabel="Newest"
        nextHref={nextCursor === null ? undefined : `${here}?cursor=${nextCursor}`}
      />
    </ProjectShell>
  );
}

function AddCard({ action, errors, given }: Pick<MembersPageProps, "errors" | "given"> & { action: string }) {
  return (
    <Card title="Add a member" description="They need an account. An admin of the instance can create one.">
      <Form action={action}>
        <FormErrors errors={errors} />
        <FieldRow>
          <TextField
            name="email"
            label="Email"
            type="email"
            value={given.email}
            error={errorAt(errors, "email")}
            required
          />
          <SelectField
            name="role"
            label="Role"
            value={given.role}
            options={ROLES.map(({ value, label, may }) => ({ value, label: `${label}: ${may}` }))}
            error={errorAt(errors, "role")}
            required
          />
        </FieldRow>
        <FormActions>
          <SubmitButton label="Add member" />
        </FormActions>
      </Form>
    </Card>
  );
}

function columnsOf(path: string, mayManage: boolean): Column<Member>[] {
  return [
    {
      key: "name",
      header: "Name",
      primary: true,
      cell: ({ user: { name, email, isActive } }) => (
        <div>
          {name} {!isActive && <Badge title="Cannot sign in or call">Deactivated</Badge>}
          <span class="cell-note">{email}</span>
        </div>
      ),
    },
    {
      key: "role",
      header: "Role",
      cell: (member) => (mayManage ? <RoleForm path={path} member={member} /> : roleLabel(member.role)),
    },
    {
      key: "since",
      header: "Since",
      nowrap: true,
      cell: ({ createdAt }) => <Timestamp atMs={createdAt} precision="date" />,
    },
    ...(mayManage
      ? [
          {
            key: "remove",
            header: "Remove",
            cell: ({ user }: Member) => (
              <a href={`${path}/${user.id}/remove`} aria-label={`Remove ${user.name}`}>
                Remove
              </a>
            ),
          },
        ]
      : []),
  ];
}

function RoleForm({ path, member: { user, role } }: { path: string; member: Member }) {
  return (
    <form class="cluster" method="post" action={`${path}/${user.id}`}>
      <div class="select">
        <select class="input" name="role" aria-label={`Role of ${user.name}`}>
          {ROLES.map(({ value, label }) => (
            <option value={value} selected={value === role}>
              {label}
            </option>
          ))}
        </select>
        <Icon name="chevron-down" size="small" />
      </div>
      <SubmitButton
        label="Change"
        variant="secondary"
        size="small"
        attributes={{ "aria-label": `Change the role of ${user.name}` }}
      />
    </form>
  );
}
