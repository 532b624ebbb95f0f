"""Stands in for the AWS CLI where it is not installed: `aws <service> <operation> --name value`, by the models of AWS.

`eks update-kubeconfig`, which AWS's models do not have, only asks for the cluster. A service, an operation or an option that AWS does not have is an error, as is an option of the wrong type.
"""

import json
import sys

import boto3
from botocore import xform_name


def hyphenated(name):
    return xform_name(name, "-")


def value_of(shape, words):
    """The words behind an option as a value of its type."""
    if shape.type_name == "list":
        return words
    [word] = words
    match shape.type_name:
        case "string":
            return word
        case "integer" | "long":
            return int(word)
    return json.loads(word)


service, operation, *rest = sys.argv[1:]
if (service, operation) == ("eks", "update-kubeconfig"):
    operation = "describe-cluster"
options = {}
for word in rest:
    if word.startswith("--"):
        options[word[2:]] = []
    else:
        list(options.values())[-1].append(word)
[region] = options.pop("region", [None])
client = boto3.client(service, region_name=region)
names = {hyphenated(name): name for name in client.meta.service_model.operation_names}
members = client.meta.service_model.operation_model(names[operation]).input_shape.members
by_option = {hyphenated(name): name for name in members}
parameters = {by_option[name]: value_of(members[by_option[name]], words) for name, words in options.items()}
getattr(client, xform_name(names[operation]))(**parameters)
