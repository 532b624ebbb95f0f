"""Starts ministack with what template.yaml needs beyond it, so that the template is deployed as it is.

- Conditions with all functions that the template uses in them (ministack knows only Ref there), also in change sets;
  dependencies in the variables of Sub.
- Resource types that it lacks, on top of its own services and of moto's Route 53 Resolver (MOTO_URL).
- DeletionPolicy: Retain; the whole destination in DescribeDeliveryStream.

What is missing raises an error like CloudFormation's, because a wrong template must not pass here.
"""

import json
import os

import boto3
from ministack.app import main
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, eks, firehose, iam
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks


def evaluate_conditions(template, parameters):
    """All conditions by name. Select is strict, as in CloudFormation: a list without that element is an error."""
    definitions = template.get("Conditions", {})
    pseudo = {"AWS::Region": get_region(), "AWS::AccountId": get_account_id()}
    results = {}

    def text_of(value):
        match value:
            case {"Ref": name}:
                return pseudo[name] if name in pseudo else parameters[name]["Value"]
            case {"Fn::Join": [separator, parts]}:
                return separator.join(text_of(part) for part in parts)
            case {"Fn::Split": [separator, source]}:
                return text_of(source).split(separator)
            case {"Fn::Select": [index, source]}:
                return text_of(source)[int(index)]
            case str():
                return value
        raise ValueError(f"a condition with {json.dumps(value)}")

    def holds(value):
        match value:
            case {"Condition": name}:
                if name not in results:
                    results[name] = holds(definitions[name])
                return results[name]
            case {"Fn::Equals": [left, right]}:
                return text_of(left) == text_of(right)
            case {"Fn::Not": [part]}:
                return not holds(part)
            case {"Fn::And": parts}:
                return all(holds(part) for part in parts)
            case {"Fn::Or": parts}:
                return any(holds(part) for part in parts)
        raise ValueError(f"a condition with {json.dumps(value)}")

    return {name: holds({"Condition": name}) for name in definitions}


for module in (changesets, engine, handlers, provisioners, stacks):
    module._evaluate_conditions = evaluate_conditions

resolve_for_diff = changesets._resolve_props_for_diff


def resources_for_diff(template, parameters, stack_name, stack_id):
    """Without resources whose condition does not hold: a parameter that only conditions use is a change as well."""
    resolved = resolve_for_diff(template, parameters, stack_name, stack_id)
    conditions = evaluate_conditions(template, parameters) if template else {}
    resources = resolved.get("Resources", {})
    there = {name: one for name, one in resources.items() if conditions.get(one.get("Condition"), True)}
    return resolved | {"Resources": there}


changesets._resolve_props_for_diff = resources_for_diff

extract_dependencies = engine._extract_deps


def dependencies(definition, names):
    def variables(value):
        """The variables of every Sub in a value."""
        if isinstance(value, dict):
            if isinstance(value.get("Fn::Sub"), list):
                yield value["Fn::Sub"][1]
            value = list(value.values())
        if isinstance(value, list):
            for part in value:
                yield from variables(part)

    found = extract_dependencies(definition, names)
    for one in variables(definition.get("Properties", {})):
        found |= extract_dependencies({"Properties": one}, names)
    return found


engine._extract_deps = dependencies


def checked(answer):
    """The answer of one of ministack's services; raises its error, so that the stack fails as in AWS."""
    status, _, body = answer
    if status >= 400:
        raise ValueError(body if isinstance(body, str) else body.decode())
    return body


def access_entry_create(logical_id, props, stack_name):
    cluster, principal = props["ClusterName"], props["PrincipalArn"]
    entry = {"principalArn": principal, "kubernetesGroups": props.get("KubernetesGroups", [])}
    checked(eks._create_access_entry(cluster, entry))
    return f"{principal}|{cluster}", {"AccessEntryArn": eks._access_entry_arn(cluster, principal)}


def access_entry_delete(physical_id, props):
    checked(eks._delete_access_entry(props["ClusterName"], props["PrincipalArn"]))


def log_stream_create(logical_id, props, stack_name):
    group, name = props["LogGroupName"], props["LogStreamName"]
    checked(cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": name}))
    return name, {}


def log_stream_delete(physical_id, props):
    checked(cloudwatch_logs._delete_log_stream({"logGroupName": props["LogGroupName"], "logStreamName": physical_id}))


def role_policy_create(logical_id, props, stack_name):
    role = iam._roles[props["RoleName"]]
    role["InlinePolicies"][props["PolicyName"]] = json.dumps(props["PolicyDocument"])
    return f"{props['PolicyName']}|{props['RoleName']}", {}


def role_policy_delete(physical_id, props):
    role = iam._roles.get(props["RoleName"])
    if role is not None:
        role["InlinePolicies"].pop(props["PolicyName"], None)


def resolver():
    """moto's Route 53 Resolver in the Region of the request."""
    return boto3.client("route53resolver", region_name=get_region(), endpoint_url=os.environ["MOTO_URL"])


def query_log_create(logical_id, props, stack_name):
    config = resolver().create_resolver_query_log_config(
        Name=props["Name"], DestinationArn=props["DestinationArn"], CreatorRequestId=f"{stack_name}-{logical_id}"
    )["ResolverQueryLogConfig"]
    return config["Id"], {"Id": config["Id"], "Arn": config["Arn"]}


def query_log_delete(physical_id, props):
    resolver().delete_resolver_query_log_config(ResolverQueryLogConfigId=physical_id)


def association_create(logical_id, props, stack_name):
    association = resolver().associate_resolver_query_log_config(
        ResolverQueryLogConfigId=props["ResolverQueryLogConfigId"], ResourceId=props["ResourceId"]
    )["ResolverQueryLogConfigAssociation"]
    return association["Id"], {"Id": association["Id"]}


def association_delete(physical_id, props):
    resolver().disassociate_resolver_query_log_config(
        ResolverQueryLogConfigId=props["ResolverQueryLogConfigId"], ResourceId=props["ResourceId"]
    )


def replacing(create, delete):
    """Handlers of a type whose every change is a replacement: the new resource is made first, as CloudFormation does."""

    def update(physical_id, old_props, new_props, stack_name, logical_id):
        made = create(logical_id, new_props, stack_name)
        delete(physical_id, old_props)
        return made

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


provisioners._RESOURCE_HANDLERS |= {
    "AWS::EKS::AccessEntry": replacing(access_entry_create, access_entry_delete),
    "AWS::IAM::RolePolicy": replacing(role_policy_create, role_policy_delete),
    "AWS::Logs::LogStream": replacing(log_stream_create, log_stream_delete),
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": replacing(query_log_create, query_log_delete),
    "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation": replacing(association_create, association_delete),
}

delete_all = stacks._delete_stack_async


async def delete_stack(stack_name, stack_id):
    """Deletes a stack, and leaves the resources that its template retains."""
    from ministack.services.cloudformation import _stacks

    stack = _stacks[stack_name]
    for name, definition in stack.get("_template", {}).get("Resources", {}).items():
        if definition.get("DeletionPolicy") == "Retain":
            stack["_resources"].pop(name, None)
    await delete_all(stack_name, stack_id)


handlers._delete_stack_async = delete_stack

describe_destination = firehose._dest_description


def destination(dest):
    """A destination as it was made; of an HTTP endpoint ministack shows only the address and the buffer."""
    shown = describe_destination(dest)
    if dest["type"] != "HttpEndpoint":
        return shown
    config = dict(dest["config"])
    endpoint = {key: value for key, value in config["EndpointConfiguration"].items() if key != "AccessKey"}
    s3 = config.pop("S3Configuration", None)
    return shown | {
        "HttpEndpointDestinationDescription": config
        | {"EndpointConfiguration": endpoint}
        | ({} if s3 is None else {"S3DestinationDescription": s3})
    }


firehose._dest_description = destination

main()
